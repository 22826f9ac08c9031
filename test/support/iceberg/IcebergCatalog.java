import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.ExpressionParser;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.rest.RESTCatalogAdapter;
import org.apache.iceberg.rest.RESTCatalogServlet;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.JsonUtil;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * Iceberg's own REST catalog on 127.0.0.1, its tables in an S3 server, and beside it what a test needs of an
 * independent reader and writer: GET /tests/rows, POST /tests/append and POST /tests/expire, each with the parameters
 * namespace and table.
 */
public class IcebergCatalog {
  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[0]);
    JdbcCatalog catalog = new JdbcCatalog();
    catalog.initialize(
        "tests",
        Map.ofEntries(
            Map.entry("uri", "jdbc:h2:mem:catalog;DB_CLOSE_DELAY=-1"),
            Map.entry("jdbc.schema-version", "V1"),
            Map.entry("warehouse", arguments[2]),
            Map.entry("io-impl", "org.apache.iceberg.aws.s3.S3FileIO"),
            Map.entry("s3.endpoint", arguments[1]),
            Map.entry("s3.path-style-access", "true"),
            Map.entry("s3.access-key-id", "local"),
            Map.entry("s3.secret-access-key", "local"),
            Map.entry("client.region", "us-east-1")));
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    connector.setPort(port);
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler();
    context.addServlet(new ServletHolder(new Beside(catalog)), "/tests/*");
    context.addServlet(
        new ServletHolder(new RESTCatalogServlet(new RESTCatalogAdapter(catalog))), "/*");
    server.setHandler(context);
    server.start();
    server.join();
  }

  private static final class Beside extends HttpServlet {
    private final JdbcCatalog catalog;

    Beside(JdbcCatalog catalog) {
      this.catalog = catalog;
    }

    /** Every row as a line of JSON, its values as their texts. */
    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      String where = request.getParameter("where");
      Expression filter =
          where == null ? Expressions.alwaysTrue() : ExpressionParser.fromJson(where);
      try (CloseableIterable<Record> rows =
          IcebergGenerics.read(table(request)).where(filter).build()) {
        PrintWriter out = response.getWriter();
        for (Record row : rows) {
          out.println(JsonUtil.generate(generator -> {
            generator.writeStartObject();
            for (Types.NestedField field : row.struct().fields()) {
              Object value = row.getField(field.name());
              generator.writeStringField(field.name(), value == null ? null : value.toString());
            }
            generator.writeEndObject();
          }, false));
        }
      }
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      Table table = table(request);
      if (request.getPathInfo().equals("/expire")) {
        table
            .expireSnapshots()
            .expireOlderThan(System.currentTimeMillis())
            .retainLast(1)
            .commit();
        return;
      }
      Record row = GenericRecord.create(table.schema());
      row.setField("id", Long.valueOf(request.getParameter("id")));
      String place = table.locationProvider().newDataLocation(UUID.randomUUID() + ".parquet");
      DataWriter<Record> writer =
          Parquet.writeData(table.io().newOutputFile(place))
              .schema(table.schema())
              .createWriterFunc(GenericParquetWriter::create)
              .withSpec(PartitionSpec.unpartitioned())
              .build();
      try (writer) {
        writer.write(row);
      }
      table.newAppend().appendFile(writer.toDataFile()).commit();
    }

    private Table table(HttpServletRequest request) {
      Namespace namespace = Namespace.of(request.getParameter("namespace").split("\\."));
      return catalog.loadTable(TableIdentifier.of(namespace, request.getParameter("table")));
    }
  }
}
