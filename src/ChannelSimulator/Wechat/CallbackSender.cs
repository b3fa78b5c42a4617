using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace PayCore.ChannelSimulator;

/// <summary>One sending of a callback.</summary>
/// <param name="OutTradeNo">Whose payment it tells of.</param>
/// <param name="At">When it was sent.</param>
/// <param name="Number">1 for the first sending, then 2, 3, …</param>
/// <param name="HttpStatus">The answer's status, 0 when there was none.</param>
/// <param name="Error">Why there was none, or empty.</param>
/// <param name="Fault">The fault that happened, or null.</param>
public sealed record CallbackSend(string OutTradeNo, DateTimeOffset At, int Number, int HttpStatus, string Error, string? Fault)
{
    /// <summary>Delivered: only the status decides (wechat-pay-v3.md 5.4).</summary>
    public bool IsDelivered => HttpStatus is 200 or 204;
}

/// <summary>Every sending, newest last.</summary>
public sealed class CallbackLog
{
    private readonly Lock _gate = new();
    private readonly List<CallbackSend> _sends = [];
    private readonly List<(Func<CallbackSend, bool> Wanted, TaskCompletionSource<CallbackSend> Found)> _waiting = [];

    /// <summary>Every sending.</summary>
    public IReadOnlyList<CallbackSend> Sends
    {
        get
        {
            lock (_gate)
            {
                return [.. _sends];
            }
        }
    }

    /// <summary>Waits for a sending, also one that has been.</summary>
    public Task<CallbackSend> WaitForSendAsync(Func<CallbackSend, bool> wanted, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        lock (_gate)
        {
            if (_sends.FirstOrDefault(wanted) is { } there)
            {
                return Task.FromResult(there);
            }

            var found = new TaskCompletionSource<CallbackSend>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((wanted, found));
            return found.Task.WaitAsync(cancellation);
        }
    }

    internal void Add(CallbackSend send)
    {
        lock (_gate)
        {
            _sends.Add(send);
            foreach (var (_, found) in _waiting.Where(w => w.Wanted(send)).ToList())
            {
                found.TrySetResult(send);
            }

            _waiting.RemoveAll(w => w.Found.Task.IsCompleted);
        }
    }
}

/// <summary>
/// Tells merchants of payments as the provider does: encrypted, signed, five seconds for the answer, repeated by the provider's schedule with the same id and
/// fresh signature (wechat-pay-v3.md 5). Payments whose callback was not acknowledged before a restart are told again.
/// </summary>
internal sealed class CallbackSender(
    WechatLedger ledger, WechatMerchants merchants, WechatWire wire, Faults faults, CallbackLog sends, SimulatorRandom random, IHttpClientFactory clients,
    IOptions<SimulatorOptions> options, TimeProvider time, ILogger<CallbackSender> log) : BackgroundService
{
    public const string HttpName = "simulator-callback";

    /// <summary>The pauses after each sending that was not acknowledged (5.5).</summary>
    internal static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(10),
        TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(60),
        TimeSpan.FromHours(3), TimeSpan.FromHours(3), TimeSpan.FromHours(3), TimeSpan.FromHours(6), TimeSpan.FromHours(6),
    ];

    private static readonly TimeSpan _answerWithin = TimeSpan.FromSeconds(5);
    private readonly Channel<SimulatedOrder> _paid = Channel.CreateUnbounded<SimulatedOrder>();
    private readonly ConcurrentDictionary<string, int> _numbers = new(StringComparer.Ordinal);

    public void Tell(SimulatedOrder order) => _paid.Writer.TryWrite(order);

    /// <summary>Sends copies of a callback at once, whatever became of the earlier ones.</summary>
    public Task<CallbackSend[]> ResendAsync(SimulatedOrder order, int times) =>
        Task.WhenAll(Enumerable.Range(0, times).Select(_ => SendAsync(order, CancellationToken.None)));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var untold in ledger.All.Where(o => o.State == "SUCCESS" && !o.CallbackDone))
        {
            Tell(untold);
        }

        var telling = new List<Task>();
        try
        {
            await foreach (var order in _paid.Reader.ReadAllAsync(stoppingToken))
            {
                telling.RemoveAll(t => t.IsCompleted);
                telling.Add(TellUntilAcknowledgedAsync(order, stoppingToken));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(telling);
        }
    }

    private async Task TellUntilAcknowledgedAsync(SimulatedOrder order, CancellationToken stopping)
    {
        // The handler that told us of the payment answers its own caller first.
        await Task.Yield();
        try
        {
            for (var i = 0; ; i++)
            {
                if ((await SendAsync(order, stopping)).IsDelivered || i == Pauses.Length)
                {
                    ledger.MarkCallbackDone(order);
                    return;
                }

                await Task.Delay(Pauses[i] * options.Value.ScheduleScale, time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Told again after the next start.
        }
    }

    private async Task<CallbackSend> SendAsync(SimulatedOrder order, CancellationToken stopping)
    {
        var number = _numbers.AddOrUpdate(order.OutTradeNo, 1, static (_, n) => n + 1);
        var fault = faults.Take("callback", order.OutTradeNo);
        if (fault?.Kind == "late")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(fault.DelayMs), time, stopping);
        }

        if (fault?.Kind == "hold")
        {
            await faults.WaitForReleaseAsync(fault, stopping);
        }

        if (fault?.Kind == "lost")
        {
            return Record(new CallbackSend(order.OutTradeNo, time.GetUtcNow(), number, 0, "lost on the way", "lost"));
        }

        if (fault?.Kind == "twice")
        {
            await PostAsync(order, number, fault.Kind, stopping);
        }

        return await PostAsync(order, number, fault?.Kind, stopping);
    }

    private async Task<CallbackSend> PostAsync(SimulatedOrder order, int number, string? faultKind, CancellationToken stopping)
    {
        var at = time.GetUtcNow();
        var merchant = merchants.Find(order.MchId)!;
        var body = faultKind == "garbage" ? Encoding.ASCII.GetBytes("not json") : Seal(merchant, order, faultKind);
        using var limit = new CancellationTokenSource(_answerWithin, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        using var request = new HttpRequestMessage(HttpMethod.Post, order.NotifyUrl)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Headers.TryAddWithoutValidation("User-Agent", "Mozilla/4.0");
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        if (faultKind != "unsigned")
        {
            foreach (var (name, value) in wire.Sign(merchant, body, faultKind))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        try
        {
            using var client = clients.CreateClient(HttpName);
            using var answer = await client.SendAsync(request, ended.Token);
            return Record(new CallbackSend(order.OutTradeNo, at, number, (int)answer.StatusCode, "", faultKind));
        }
        catch (HttpRequestException e)
        {
            return Record(new CallbackSend(order.OutTradeNo, at, number, 0, $"{e.HttpRequestError}", faultKind));
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return Record(new CallbackSend(order.OutTradeNo, at, number, 0, "no answer within 5 s", faultKind));
        }
    }

    private CallbackSend Record(CallbackSend send)
    {
        log.LogInformation("callback {OutTradeNo} no. {Number}: {Status} {Error} {Fault}", send.OutTradeNo, send.Number, send.HttpStatus, send.Error, send.Fault);
        sends.Add(send);
        return send;
    }

    /// <summary>The envelope of 5.1 with its resource sealed by AEAD_AES_256_GCM (5.3).</summary>
    private byte[] Seal(WechatMerchant merchant, SimulatedOrder order, string? faultKind)
    {
        const string associatedData = "transaction";
        var nonce = random.Text(12);
        var key = Encoding.ASCII.GetBytes(faultKind == "other_key" ? random.Text(32) : merchant.Registration.ApiV3Key);
        var plain = WechatWire.Bytes(TransactionBody.Of(order, faultKind));
        var sealedBytes = new byte[plain.Length + 16];
        using (var aes = new AesGcm(key, 16))
        {
            aes.Encrypt(
                Encoding.ASCII.GetBytes(nonce), plain, sealedBytes.AsSpan(0, plain.Length), sealedBytes.AsSpan(plain.Length),
                Encoding.ASCII.GetBytes(associatedData));
        }

        return WechatWire.Bytes(new JsonObject
        {
            ["id"] = order.EventId,
            ["create_time"] = TransactionBody.ChinaTime(order.SuccessTime!.Value),
            ["resource_type"] = "encrypt-resource",
            ["event_type"] = "TRANSACTION.SUCCESS",
            ["summary"] = "支付成功",
            ["resource"] = new JsonObject
            {
                ["original_type"] = "transaction",
                ["algorithm"] = "AEAD_AES_256_GCM",
                ["ciphertext"] = Convert.ToBase64String(sealedBytes),
                ["associated_data"] = associatedData,
                ["nonce"] = nonce,
            },
        });
    }
}
