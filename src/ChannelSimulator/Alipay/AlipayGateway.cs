using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PayCore.ChannelSimulator;

/// <summary>The gateway (alipay.md 1 and 3): the way of one call from its parameters to the signed answer.</summary>
internal sealed class AlipayGateway(
    AlipayCallCheck check, AlipayTradeMethods methods, AlipayAnswerWriter writer, Faults faults, RequestLog log, TimeProvider time)
{
    private static readonly string[] _amounts = ["refund_amount", "refund_fee", "trans_amount", "total_amount"];
    private static readonly string[] _numbers = ["out_request_no", "out_biz_no", "out_trade_no"];

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/gateway.do", TakeAsync);
        endpoints.MapGet("/gateway.do", TakeAsync);
    }

    private static Task TakeAsync(HttpContext context, AlipayGateway gateway) => gateway.HandleAsync(context);

    private async Task HandleAsync(HttpContext context)
    {
        var arrived = time.GetUtcNow();
        var parameters = await AlipayParameters.ReadAsync(context);
        var exchange = new Exchange
        {
            Method = parameters["method"],
            OutTradeNo = AlipayMethod.Number(parameters["method"], Encoding.UTF8.GetBytes(parameters["biz_content"] ?? "{}")),
        };
        await log.WriteAsync(
            context,
            () => AnswerAsync(context, parameters, exchange),
            () =>
            {
                int? status = exchange.Reply is null ? null : context.Response.StatusCode;
                return new ReceivedCall
                {
                    At = arrived,
                    Provider = "alipay",
                    Operation = exchange.Operation,
                    MchId = exchange.Call?.Merchant.AppId,
                    OutTradeNo = exchange.OutTradeNo,
                    Status = status,
                    Code = status == StatusCodes.Status200OK ? exchange.Reply?.Error?.SubCode : null,
                    Unknown = exchange.Reply is { Unknown: { Count: > 0 } unknown } ? unknown : null,
                    Fault = exchange.Fault?.Kind,
                };
            });
    }

    private async Task AnswerAsync(HttpContext context, AlipayParameters parameters, Exchange exchange)
    {
        AlipayMerchant? merchant = null;
        try
        {
            merchant = check.Merchant(parameters);
            exchange.Call = check.Check(merchant, parameters) with { Site = $"{context.Request.Scheme}://{context.Request.Host}" };
            exchange.Fault = faults.Take(exchange.Operation, exchange.OutTradeNo);
            exchange.Reply = await WorkAsync(context, exchange.Call, exchange.Fault);
        }
        catch (AlipayError refusal)
        {
            exchange.Reply = AlipayReply.Of(refusal);
        }

        if (exchange.Reply is not { } reply)
        {
            return;
        }

        var fault = exchange.Fault?.Kind;
        if (HttpError(fault) is { } status)
        {
            await SendAsync(context, status, Encoding.UTF8.GetBytes($"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"));
            return;
        }

        if (AlipayMethod.IsPage(exchange.Method))
        {
            await AlipayCashierEndpoints.ShowAsync(context, reply);
            return;
        }

        var signer = reply.Error?.Unsigned == true ? null : merchant;
        var node = fault == FaultKinds.ErrorResponse ? "error_response" : AlipayMethod.Node(exchange.Method);
        await SendAsync(context, StatusCodes.Status200OK, writer.Write(signer, node, Falsify(reply.Content!, fault), fault));
    }

    /// <summary>Does the work, with the fault at its place before or after it. Null: there is no answer any more.</summary>
    private async Task<AlipayReply?> WorkAsync(HttpContext context, AlipayCall call, Faults.Strike? fault)
    {
        if (Instead(fault) is { } refusal)
        {
            fault!.Fire();
            throw refusal;
        }

        if (fault?.Kind == FaultKinds.RetryFlag)
        {
            fault.Fire();
            var fields = new AlipayFields(call.Content);
            return AlipayReply.Success(new JsonObject { ["out_trade_no"] = fields.Text("out_trade_no", 64), ["retry_flag"] = "Y" }, fields);
        }

        var reply = await FaultTiming.RunAsync(context, fault, () => Answered(call), time);
        return fault?.Kind == FaultKinds.Code20000After ? throw AlipayError.Unavailable() : reply;
    }

    private AlipayReply Answered(AlipayCall call)
    {
        try
        {
            return methods.Do(call);
        }
        catch (AlipayError refusal)
        {
            return AlipayReply.Of(refusal);
        }
    }

    /// <summary>The refusal that a fault puts in the place of the work.</summary>
    private static AlipayError? Instead(Faults.Strike? fault) => fault?.Kind switch
    {
        FaultKinds.Error500Before or FaultKinds.Error429 or FaultKinds.Error503 => AlipayError.Unavailable(),
        FaultKinds.Code20000Before or FaultKinds.ErrorResponse => AlipayError.Unavailable(),
        FaultKinds.Code40005 => AlipayError.CallLimited(),
        FaultKinds.BusinessError => AlipayError.Business(fault.SubCode, "业务处理失败"),
        FaultKinds.UnsignedError => new AlipayError("40002", "Invalid Arguments", "isv.invalid-app-id", "无效的AppID参数") { Unsigned = true },
        _ => null,
    };

    /// <summary>The status of a fault that answers below the protocol.</summary>
    private static int? HttpError(string? fault) => fault switch
    {
        FaultKinds.Error500Before or FaultKinds.Error500After => StatusCodes.Status500InternalServerError,
        FaultKinds.Error429 => StatusCodes.Status429TooManyRequests,
        FaultKinds.Error503 => StatusCodes.Status503ServiceUnavailable,
        FaultKinds.BadGateway => StatusCodes.Status502BadGateway,
        _ => null,
    };

    /// <summary>The answer with the lie a fault wants told.</summary>
    private static JsonObject Falsify(JsonObject content, string? fault)
    {
        if (fault == FaultKinds.WrongAmount && _amounts.FirstOrDefault(content.ContainsKey) is { } amount)
        {
            content[amount] = AlipayAmount.Text(AlipayAmount.Parse(content[amount]!.GetValue<string>())!.Value + 1);
        }

        if (fault == FaultKinds.OtherOutTradeNo && _numbers.FirstOrDefault(content.ContainsKey) is { } number)
        {
            content[number] = "OTHER" + content[number]!.GetValue<string>();
        }

        return content;
    }

    /// <summary>It calls itself HTML, also when it is JSON (alipay.md 1.2).</summary>
    private static async Task SendAsync(HttpContext context, int status, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html;charset=utf-8";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>One call as far as it has come, for the log.</summary>
    private sealed class Exchange
    {
        public required string? Method { get; init; }

        public required string? OutTradeNo { get; init; }

        public string Operation => AlipayMethod.Operation(Method) ?? "alipay.unknown";

        public AlipayCall? Call { get; set; }

        public Faults.Strike? Fault { get; set; }

        public AlipayReply? Reply { get; set; }
    }
}
