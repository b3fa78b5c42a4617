using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace PayCore.ChannelSimulator;

/// <summary>The way of one API call: read, verify, meet a fault, work, answer, sign, log.</summary>
internal sealed class WechatApi(AuthorizationCheck authorization, PlatformSigner signer, Faults faults, RequestLog log, TimeProvider time)
{
    /// <param name="context">The call.</param>
    /// <param name="operation">What it is, as <see cref="Fault.Operation"/> names it.</param>
    /// <param name="orderOf">The merchant's number of what it is about, as far as that can be read.</param>
    /// <param name="work">The work. Its last argument is the kind of the fault that changes what is answered.</param>
    public async Task HandleAsync(
        HttpContext context,
        string operation,
        Func<WechatCall, string?> orderOf,
        Func<WechatMerchant, WechatCall, string?, WechatAnswer> work)
    {
        var arrived = time.GetUtcNow();
        var call = await ReadAsync(context);
        WechatMerchant? merchant = null;
        WechatAnswer? answer = null;
        Faults.Strike? fault = null;
        var order = orderOf(call);
        await log.WriteAsync(context, AnswerAsync, () => new ReceivedCall
        {
            At = arrived,
            Provider = "wechat",
            Operation = operation,
            MchId = merchant?.Registration.MchId,
            OutTradeNo = order,
            Status = answer?.Status,
            Code = answer?.Code,
            Fault = fault?.Kind,
        });

        async Task AnswerAsync()
        {
            try
            {
                merchant = Accept(context, call);
                fault = faults.Take(operation, order);
                answer = await WorkAsync(context, fault, () => Answered(() => work(merchant, call, fault?.Kind)));
                if (answer is not null)
                {
                    await SendAsync(context, merchant, call, answer, fault?.Kind);
                }
            }
            catch (WechatError refusal)
            {
                answer = WechatAnswer.Of(refusal);
                await SendUnsignedAsync(context, answer);
            }
        }
    }

    private static async Task<WechatCall> ReadAsync(HttpContext context) => new()
    {
        Method = context.Request.Method,
        // Not the decoded path: the signature is over the bytes that were sent (wechat-pay-v3.md 1.3).
        Target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
        Body = await RequestBody.ReadAsync(context),
        Authorization = context.Request.Headers.Authorization is [{ } only] ? only : null,
        NamedKey = context.Request.Headers["Wechatpay-Serial"],
    };

    private WechatMerchant Accept(HttpContext context, WechatCall call)
    {
        var merchant = authorization.Verify(call);
        var accept = context.Request.Headers.Accept.ToString();
        if (!accept.Contains("application/json", StringComparison.OrdinalIgnoreCase) && !accept.Contains("*/*", StringComparison.Ordinal))
        {
            throw WechatError.Parameter("Accept", "is not application/json", "header");
        }

        if (context.Request.Headers.UserAgent.Count == 0)
        {
            throw WechatError.Parameter("User-Agent", "is required", "header");
        }

        if (call.Body.Length > 0 && !context.Request.HasJsonContentType())
        {
            throw WechatError.Parameter("Content-Type", "is not application/json", "header");
        }

        return merchant;
    }

    private static WechatAnswer Answered(Func<WechatAnswer> work)
    {
        try
        {
            return work();
        }
        catch (WechatError refusal)
        {
            return WechatAnswer.Of(refusal);
        }
    }

    /// <summary>Does the work, with the fault at its place before or after it. Null: there is no answer any more.</summary>
    private async Task<WechatAnswer?> WorkAsync(HttpContext context, Faults.Strike? fault, Func<WechatAnswer> work)
    {
        if (fault?.Kind is FaultKinds.Error500Before or FaultKinds.Error429 or FaultKinds.Error503)
        {
            fault.Fire();
            throw GatewayError(fault.Kind);
        }

        if (fault?.Kind == FaultKinds.BusinessError)
        {
            fault.Fire();
            return WechatAnswer.Of(WechatError.OfCode(fault.SubCode));
        }

        var answer = await FaultTiming.RunAsync(context, fault, work, time);
        return fault?.Kind == FaultKinds.Error500After ? throw GatewayError(fault.Kind) : answer;
    }

    /// <summary>These come from the gateway before it and are not signed (wechat-pay-v3.md 2.2).</summary>
    private static WechatError GatewayError(string kind) => kind switch
    {
        FaultKinds.Error429 => new WechatError(429, "FREQUENCY_LIMITED", "频率超限"),
        FaultKinds.Error503 => new WechatError(503, "SERVICE_UNAVAILABLE", "服务不可用"),
        _ => new WechatError(500, "SYSTEM_ERROR", "系统错误"),
    };

    private async Task SendAsync(HttpContext context, WechatMerchant merchant, WechatCall call, WechatAnswer answer, string? fault)
    {
        if (answer.FileType is { } type)
        {
            var file = fault switch { FaultKinds.Garbage => "<html>502 Bad Gate"u8.ToArray(), FaultKinds.BodyChanged => [.. answer.Body, (byte)'\n'], _ => answer.Body };
            await Results.Bytes(file, type).ExecuteAsync(context);
            return;
        }

        var signed = signer.Sign(merchant, merchant.AnswerKey(call.NamedKey, time.GetUtcNow()), answer.Body, fault);
        foreach (var (name, value) in signed.Headers)
        {
            context.Response.Headers[name] = value;
        }

        // A fault that puts a body where none belongs needs a status that may have one; garbage always calls itself 200.
        context.Response.StatusCode = fault == FaultKinds.Garbage || (answer.Status == 204 && signed.Body.Length > 0) ? 200 : answer.Status;
        await SendBodyAsync(context, signed.Body);
    }

    private static async Task SendUnsignedAsync(HttpContext context, WechatAnswer answer)
    {
        context.Response.StatusCode = answer.Status;
        await SendBodyAsync(context, answer.Body);
    }

    private static async Task SendBodyAsync(HttpContext context, byte[] body)
    {
        if (body.Length > 0)
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            context.Response.ContentLength = body.Length;
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }
}
