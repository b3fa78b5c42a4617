using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace PayCore.ChannelSimulator;

/// <summary>One API call the simulator received.</summary>
public sealed record ReceivedCall
{
    /// <summary>When it arrived.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>wechat or alipay.</summary>
    public required string Provider { get; init; }

    /// <summary>What was asked for, as <see cref="Fault.Operation"/> names it.</summary>
    public required string Operation { get; init; }

    /// <summary>The merchant's number at the provider (mchid, app_id) that signed it; null when the signature was refused.</summary>
    [JsonPropertyName("mchid")]
    public string? MchId { get; init; }

    /// <summary>The merchant's number of what it is about, the order, the refund or the transfer, if the call named one.</summary>
    public string? OutTradeNo { get; init; }

    /// <summary>The HTTP status answered; null when the caller got no answer.</summary>
    public int? Status { get; init; }

    /// <summary>The error code answered.</summary>
    public string? Code { get; init; }

    /// <summary>The members that the provider takes but that no rule of it knows; null when there are none. Alipay's calls only.</summary>
    public IReadOnlyList<string>? Unknown { get; init; }

    /// <summary>The kind of the fault that was at work.</summary>
    public string? Fault { get; init; }
}

/// <summary>Every API call the simulator received, written before its answer leaves: who has the answer finds the call here. A call that gets none is written when it is given up.</summary>
public sealed class RequestLog
{
    private readonly WaitList<ReceivedCall> _calls = new();

    /// <summary>All calls so far, the oldest first.</summary>
    public IReadOnlyList<ReceivedCall> Calls => _calls.Snapshot;

    /// <summary>Waits for a call like this; one already recorded counts.</summary>
    public Task<ReceivedCall> WaitForCallAsync(Func<ReceivedCall, bool> wanted, CancellationToken cancellationToken) =>
        _calls.WaitAsync(wanted, cancellationToken);

    /// <summary>Answers a call and writes it.</summary>
    /// <param name="context">The call.</param>
    /// <param name="answer">Answers it.</param>
    /// <param name="received">What is known of it by then.</param>
    internal async Task WriteAsync(HttpContext context, Func<Task> answer, Func<ReceivedCall> received)
    {
        var written = false;
        context.Response.OnStarting(Write);
        try
        {
            await answer();
        }
        finally
        {
            await Write();
        }

        Task Write()
        {
            if (!written)
            {
                written = true;
                _calls.Add(received());
            }

            return Task.CompletedTask;
        }
    }
}
