using System.CommandLine;
using System.Data.Common;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.Host.CommandLine;

/// <summary><c>paycore order show</c>: all that is recorded of an order. Reads only.</summary>
internal sealed class OrderCommands(CommandSession session)
{
    private const int DeliveriesMax = 200;
    private const char AttemptLetter = 'A';

    private static readonly JsonFormatter _json = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));

    private readonly Argument<string?> _id = new("ID") { Description = "The gateway order id, or an attempt no. (the provider's out_trade_no).", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _app = new("--app") { Description = "The merchant's app, with --out-trade-no.", HelpName = "APP_ID" };
    private readonly Option<string?> _outTradeNo = new("--out-trade-no") { Description = "The merchant's own number, with --app.", HelpName = "NO" };
    private readonly Option<bool> _asJson = new("--json") { Description = "Prints JSON." };

    /// <summary>The commands.</summary>
    public Command Build()
    {
        var show = new Command("show", "Shows an order with its attempts, history, notifications and what a person must look at.")
        {
            _id, _app, _outTradeNo, _asJson, CommandSession.LanguageOption,
        };
        show.Validators.Add(result =>
        {
            var byNumber = result.GetResult(_app) is not null && result.GetResult(_outTradeNo) is not null;
            var any = result.GetResult(_app) is not null || result.GetResult(_outTradeNo) is not null;
            if (result.GetValue(_id) is null ? !byNumber : any)
            {
                result.AddError("Name an order by its ID, or by --app and --out-trade-no.");
            }
        });
        show.SetAction((arguments, _) => ShowAsync(arguments));
        return new Command("order", "Orders, as they are recorded.") { show };
    }

    private async Task<int> ShowAsync(ParseResult arguments)
    {
        session.Use([Role.All.Single(r => r.Name == RoleNames.PayDatabase)], DemandDatabase);
        var order = await CallAsync((client, options) => client.ReadOrderAsync(Request(arguments), options));
        var deliveries = await CallAsync((client, options) => client.ReadDeliveriesAsync(
            new ListDeliveriesRequest { OrderId = order.Order.Id, Limit = DeliveriesMax }, options));
        var exceptions = await CallAsync((client, options) => client.ListExceptionsAsync(new ListExceptionsRequest { OrderId = order.Order.Id }, options));
        // Whoever has the token may see and pay the order; the answer to the merchant holds it too.
        order.PageToken = "";
        order.CreateAnswer = ByteString.Empty;

        Console.WriteLine(arguments.GetValue(_asJson)
            ? Json(order, deliveries.Deliveries, exceptions.Exceptions)
            : new OrderReport(order, deliveries.Deliveries, exceptions.Exceptions, session.Time, CommandSession.IsChinese(arguments)).ToString());
        return 0;
    }

    private ReadOrderRequest Request(ParseResult arguments)
    {
        var request = new ReadOrderRequest { WithHistory = true };
        if (arguments.GetValue(_id) is not { } id)
        {
            request.MerchantOrder = new MerchantOrderKey { AppId = arguments.GetValue(_app), OutTradeNo = arguments.GetValue(_outTradeNo) };
        }
        else if (id.StartsWith(AttemptLetter))
        {
            request.AttemptNo = id;
        }
        else
        {
            request.OrderId = id;
        }

        return request;
    }

    private Task<TReply> CallAsync<TReply>(Func<DatabaseClient, CallOptions, AsyncUnaryCall<TReply>> call) =>
        session.CallAsync(RoleNames.PayDatabase, (invoker, options) => call(new DatabaseClient(invoker), options));

    /// <summary>Looking must not make an empty database.</summary>
    private static void DemandDatabase(IConfiguration settings)
    {
        if (settings["Database:Provider"] is not (null or "sqlite"))
        {
            return;
        }

        var connection = new DbConnectionStringBuilder { ConnectionString = settings["Database:ConnectionString"] };
        if (!connection.TryGetValue("Data Source", out var file) || !File.Exists(file.ToString()))
        {
            throw new CommandFailedException($"There is no database at {file}: nothing was recorded here yet, or --Data names another folder than ./run has.");
        }
    }

    private static string Json(StoredOrder order, IEnumerable<Delivery> deliveries, IEnumerable<ExceptionItem> exceptions) => new JsonObject
    {
        ["order"] = Node(order),
        ["deliveries"] = new JsonArray([.. deliveries.Select(d =>
        {
            var node = Node(d);
            node["body"] = JsonNode.Parse(d.Body.Span);
            return (JsonNode)node;
        })]),
        ["exceptions"] = new JsonArray([.. exceptions.Select(e => (JsonNode)Node(e))]),
    }.ToJsonString(DocumentJson.Options);

    private static JsonObject Node(IMessage message) => JsonNode.Parse(_json.Format(message))!.AsObject();
}
