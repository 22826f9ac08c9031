import com.adobe.testing.s3mock.S3MockApplication;
import com.adobe.testing.s3mock.store.MultipartStore;
import java.lang.reflect.Field;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.context.annotation.Bean;

/**
 * S3Mock listens on every interface with its second connector, and has no option for that: this one has only the
 * first. And it knows the locks of uploads that were begun before a restart: S3Mock keeps such uploads, but answers
 * 500 to whatever concerns them.
 */
public class LoopbackS3Mock {
  public static void main(String[] arguments) {
    Class<?>[] sources = {S3MockApplication.class, LoopbackS3Mock.class};
    new SpringApplication(sources).run(arguments);
  }

  @Bean
  public static BeanPostProcessor mended() {
    return new BeanPostProcessor() {
      @Override
      public Object postProcessBeforeInitialization(Object bean, String name) {
        if (bean instanceof TomcatServletWebServerFactory factory) {
          factory.getAdditionalTomcatConnectors().clear();
        }
        if (bean instanceof MultipartStore store) {
          giveLocks(store);
        }
        return bean;
      }
    };
  }

  private static void giveLocks(MultipartStore store) {
    try {
      Field locks = MultipartStore.class.getDeclaredField("lockStore");
      locks.setAccessible(true);
      locks.set(store, new LocksOnDemand());
    } catch (ReflectiveOperationException error) {
      throw new IllegalStateException("S3Mock keeps its locks elsewhere", error);
    }
  }

  private static final class LocksOnDemand extends ConcurrentHashMap<Object, Object> {
    @Override
    public Object get(Object upload) {
      return computeIfAbsent(upload, key -> new Object());
    }
  }
}
