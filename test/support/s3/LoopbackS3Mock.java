import com.adobe.testing.s3mock.S3MockApplication;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.context.annotation.Bean;

/** S3Mock listens on every interface with its second connector, and has no option for that: this one has only the first. */
public class LoopbackS3Mock {
  public static void main(String[] arguments) {
    Class<?>[] sources = {S3MockApplication.class, LoopbackS3Mock.class};
    new SpringApplication(sources).run(arguments);
  }

  @Bean
  public static BeanPostProcessor oneConnector() {
    return new BeanPostProcessor() {
      @Override
      public Object postProcessBeforeInitialization(Object bean, String name) {
        if (bean instanceof TomcatServletWebServerFactory factory) {
          factory.getAdditionalTomcatConnectors().clear();
        }
        return bean;
      }
    };
  }
}
