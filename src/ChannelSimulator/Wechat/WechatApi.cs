using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace PayCore.ChannelSimulator;

/// <summary>The provider's API: check the signature on the raw bytes, let the fault menu have its say, do the work, sign the answer.</summary>
internal sealed class WechatApi(
    WechatAuthorization authorization, WechatLedger ledger, WechatWire wire, Faults faults, RequestLog calls, TimeProvider time, ILogger<WechatApi> log)
{
    private const int BodyBytesMax = 1024 * 1024;
    private static readonly Answer _dropped = new(0, [], "");

    /// <summary>What an operation answers: a body when it succeeded, a code when not.</summary>
    private sealed record Answer(int Status, byte[] Body, string Code, string Message = "", JsonNode? Detail = null);

    public Task PlaceNativeAsync(HttpContext http) => HandleAsync(http, "place", (merchant, body) =>
    {
        var asked = NativeBody.Read(body, merchant.Registration, time.GetUtcNow());
        var (order, error) = ledger.Place(asked);
        return error switch
        {
            null => Ok(new JsonObject { ["code_url"] = order!.CodeUrl }),
            "INVALID_REQUEST" => new Answer(400, [], error, "请求重入时，参数与首次请求时不一致"),
            "ORDERPAID" => new Answer(400, [], error, "该订单已支付"),
            _ => new Answer(400, [], error, "该订单已关闭"),
        };
    });

    public Task QueryAsync(HttpContext http, string outTradeNo) => HandleAsync(http, "query", (merchant, _) =>
    {
        if (http.Request.Query["mchid"] != merchant.Registration.MchId)
        {
            return new Answer(400, [], "PARAM_ERROR", "mchid", Field("mchid", "is not the merchant of the Authorization header", "query"));
        }

        return ledger.Find(merchant.Registration.MchId, outTradeNo) is { } order
            ? Ok(TransactionBody.Of(order, FaultOf(http)?.Kind))
            : new Answer(404, [], "ORDER_NOT_EXIST", "订单不存在");
    }, outTradeNo);

    public Task QueryByTransactionAsync(HttpContext http, string transactionId) => HandleAsync(http, "query", (merchant, _) =>
        ledger.All.FirstOrDefault(o => o.MchId == merchant.Registration.MchId && o.TransactionId == transactionId) is { } order
            ? Ok(TransactionBody.Of(order, FaultOf(http)?.Kind))
            : new Answer(404, [], "ORDER_NOT_EXIST", "订单不存在"));

    public Task CloseAsync(HttpContext http, string outTradeNo) => HandleAsync(http, "close", (merchant, body) =>
    {
        using var document = NativeBody.Parse(body);
        if (NativeBody.Text(document.RootElement, "mchid", 32) != merchant.Registration.MchId)
        {
            throw new ParamException("/mchid", "is not the merchant of the Authorization header");
        }

        return ledger.Close(merchant.Registration.MchId, outTradeNo) switch
        {
            null => new Answer(204, [], ""),
            "ORDER_NOT_EXIST" => new Answer(404, [], "ORDER_NOT_EXIST", "订单不存在"),
            var error => new Answer(400, [], error, "该订单已支付"),
        };
    }, outTradeNo);

    /// <summary>A merchant that only has a public key gets an error (2.4).</summary>
    public Task CertificatesAsync(HttpContext http) => HandleAsync(http, "certificates", (_, _) =>
        new Answer(404, [], "RESOURCE_NOT_EXISTS", "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥"));

    private async Task HandleAsync(HttpContext http, string operation, Func<WechatMerchant, byte[], Answer> work, string? outTradeNo = null)
    {
        var body = await ReadBodyAsync(http);
        var target = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var (merchant, issue, message) = authorization.Check(http.Request.Headers.Authorization, http.Request.Method, target, body);
        if (merchant is null)
        {
            await RefuseSignatureAsync(http, target, message, issue!);
            calls.Add(new ReceivedCall(time.GetUtcNow(), operation, outTradeNo, 401, "SIGN_ERROR", null));
            return;
        }

        outTradeNo ??= NumberIn(body);
        var fault = faults.Take(operation, outTradeNo);
        http.Items[typeof(Fault)] = fault;
        var answer = await AnswerAsync(http, merchant, body, work, fault);
        calls.Add(new ReceivedCall(time.GetUtcNow(), operation, outTradeNo, answer.Status, answer.Code, fault?.Kind));
        log.LogInformation("{Operation} {OutTradeNo}: {Status} {Code} {Fault}", operation, outTradeNo, answer.Status, answer.Code, fault?.Kind);
    }

    private async Task<Answer> AnswerAsync(
        HttpContext http, WechatMerchant merchant, byte[] body, Func<WechatMerchant, byte[], Answer> work, Fault? fault)
    {
        switch (fault?.Kind)
        {
            case "lost":
                http.Abort();
                return _dropped;
            case "late":
                await Task.Delay(TimeSpan.FromMilliseconds(fault.DelayMs), time, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case "hold":
                await faults.WaitForReleaseAsync(fault, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (http.RequestAborted.IsCancellationRequested)
                {
                    return _dropped;
                }

                break;
            case "error_500_before":
                return await FailAsync(http, new Answer(500, [], "SYSTEM_ERROR", "系统异常，请稍后重试"));
            case "error_429":
                return await FailAsync(http, new Answer(429, [], "FREQUENCY_LIMITED", "频率超限"));
            case "error_503":
                return await FailAsync(http, new Answer(503, [], "SERVICE_UNAVAILABLE", "服务不可用"));
        }

        Answer answer;
        try
        {
            answer = work(merchant, body);
        }
        catch (ParamException e)
        {
            answer = new Answer(400, [], "PARAM_ERROR", "参数错误", Field(e.Pointer, e.Issue, "body"));
        }

        switch (fault?.Kind)
        {
            case "effect_then_timeout":
                await Task.Delay(Timeout.InfiniteTimeSpan, time, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return _dropped;
            case "effect_then_drop":
                http.Abort();
                return _dropped;
            case "hold_after_effect":
                await faults.WaitForReleaseAsync(fault, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case "error_500_after":
                return await FailAsync(http, new Answer(500, [], "SYSTEM_ERROR", "系统异常，请稍后重试"));
        }

        if (answer.Status >= 300)
        {
            return await FailAsync(http, answer);
        }

        await wire.SucceedAsync(http, merchant, answer.Status, answer.Body, fault?.Kind);
        return answer;
    }

    private async Task<Answer> FailAsync(HttpContext http, Answer answer)
    {
        await wire.FailAsync(http, answer.Status, answer.Code, answer.Message, answer.Detail);
        return answer;
    }

    private Task RefuseSignatureAsync(HttpContext http, string target, string message, string issue) => wire.FailAsync(
        http, 401, "SIGN_ERROR", "签名错误，请检查后再试", new JsonObject
        {
            ["field"] = "signature",
            ["location"] = "authorization",
            ["detail"] = new JsonObject { ["issue"] = issue },
            ["sign_information"] = new JsonObject
            {
                ["method"] = http.Request.Method,
                ["url"] = target,
                ["truncated_sign_message"] = message.Length <= 512 ? message : message[..512],
                ["sign_message_length"] = message.Length,
            },
        });

    private static Fault? FaultOf(HttpContext http) => http.Items[typeof(Fault)] as Fault;

    private static Answer Ok(JsonObject body) => new(200, WechatWire.Bytes(body), "");

    private static JsonObject Field(string field, string issue, string location) => new() { ["field"] = field, ["issue"] = issue, ["location"] = location };

    private static string? NumberIn(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body)?["out_trade_no"]?.GetValue<string>();
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static async Task<byte[]> ReadBodyAsync(HttpContext http)
    {
        var buffer = new byte[BodyBytesMax];
        var length = await http.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, http.RequestAborted);
        return buffer[..length];
    }
}
