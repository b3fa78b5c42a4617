using System.CommandLine;
using System.Text.Json.Nodes;
using Google.Protobuf;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;

namespace PayCore.Host.CommandLine;

/// <summary><c>paycore order …</c>: all that is recorded of an order, and its story. Reads only.</summary>
internal sealed class OrderCommands(CommandSession session)
{
    private const int DeliveriesMax = 200;
    private const char AttemptLetter = 'A';

    private static readonly JsonFormatter _json = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));

    private readonly Argument<string?> _id = new("ID") { Description = "The gateway order id, or an attempt no. (the provider's out_trade_no).", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _app = new("--app") { Description = "The merchant's app, with --out-trade-no.", HelpName = "APP_ID" };
    private readonly Option<string?> _outTradeNo = new("--out-trade-no") { Description = "The merchant's own number, with --app.", HelpName = "NO" };
    private readonly Argument<string> _orderId = new("ID") { Description = "The gateway order id." };
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
        var explain = new Command("explain", "Tells everything that happened to an order, in order, and what comes next.") { _orderId, _asJson, CommandSession.LanguageOption };
        explain.SetAction((arguments, _) => ExplainAsync(arguments));
        return new Command("order", "Orders, as they are recorded.") { show, explain };
    }

    private async Task<int> ShowAsync(ParseResult arguments)
    {
        session.UseRecords();
        var order = await session.CallDatabaseAsync((client, options) => client.ReadOrderAsync(Request(arguments), options));
        var deliveries = await session.CallDatabaseAsync((client, options) => client.ReadDeliveriesAsync(
            new ListDeliveriesRequest { OrderId = order.Order.Id, Limit = DeliveriesMax }, options));
        var exceptions = await session.CallDatabaseAsync((client, options) => client.ListExceptionsAsync(new ListExceptionsRequest { OrderId = order.Order.Id }, options));
        // Whoever has the token may see and pay the order; the answer to the merchant holds it too.
        order.PageToken = "";
        order.CreateAnswer = ByteString.Empty;

        Console.WriteLine(arguments.GetValue(_asJson)
            ? Json(order, deliveries.Deliveries, exceptions.Exceptions)
            : new OrderReport(order, deliveries.Deliveries, exceptions.Exceptions, session.Time, CommandSession.IsChinese(arguments)).ToString());
        return 0;
    }

    private async Task<int> ExplainAsync(ParseResult arguments)
    {
        session.UseRecords(RoleNames.QueryGateway);
        var timeline = await session.CallAsync(RoleNames.QueryGateway, (invoker, options) =>
            new QueryGatewayInner.QueryGatewayInnerClient(invoker).ExplainPayOrderAsync(new GetTimelineRequest { Id = arguments.GetValue(_orderId) }, options));
        if (arguments.GetValue(_asJson))
        {
            Console.WriteLine(Node(timeline).ToJsonString(DocumentJson.Options));
            return 0;
        }

        var isChinese = CommandSession.IsChinese(arguments);
        Write(timeline.Entries);
        if (timeline.Next.Count > 0)
        {
            Console.WriteLine(isChinese ? "接下来：" : "Next:");
            Write(timeline.Next);
        }

        return 0;

        void Write(IEnumerable<TimelineEntry> entries)
        {
            foreach (var entry in entries)
            {
                Console.WriteLine($"{Times.Show(entry.Time.ToDateTimeOffset(), session.Time)}  {(isChinese ? entry.TextZh : entry.TextEn)}");
            }
        }
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
