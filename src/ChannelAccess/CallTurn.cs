using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;

namespace PayCore.ChannelAccess;

/// <summary>Settings of the calls that gateways make to channels (section <c>Calls</c>).</summary>
public sealed class CallTurnOptions
{
    /// <summary>How long one caller may have the right to call the channel for a number. Longer than any call. Default 20 s.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long an equal request waits for the answer that another one is getting, before it is told PROCESSING. Default 7 s.</summary>
    public TimeSpan WaitForAnswer { get; set; } = TimeSpan.FromSeconds(7);

    /// <summary>How often a waiting request looks. Default 50 ms.</summary>
    public TimeSpan LookForAnswerEvery { get; set; } = TimeSpan.FromMilliseconds(50);
}

/// <summary>One caller at a time asks a channel for a number: how long its turn is, and how the others wait for its answer.</summary>
public sealed class CallTurn(IOptions<CallTurnOptions> options, TimeProvider time)
{
    /// <summary>The end of a turn that begins now, in whole milliseconds as the records keep it.</summary>
    public Timestamp LeaseEnd() =>
        Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds((time.GetUtcNow() + options.Value.Lease).ToUnixTimeMilliseconds()));

    /// <summary>Waits while another caller's turn lasts. Answers what was read last, also when it is not settled in time.</summary>
    /// <param name="stored">As read a moment ago.</param>
    /// <param name="lease">The end of the turn that is under way; null when nobody calls.</param>
    /// <param name="isSettled">The answer is there.</param>
    /// <param name="read">Reads it again.</param>
    public async Task<T> WaitAsync<T>(T stored, Func<T, Timestamp?> lease, Func<T, bool> isSettled, Func<Task<T>> read)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(isSettled);
        ArgumentNullException.ThrowIfNull(read);
        var began = time.GetTimestamp();
        while (!isSettled(stored) && lease(stored)?.ToDateTimeOffset() > time.GetUtcNow() && time.GetElapsedTime(began) <= options.Value.WaitForAnswer)
        {
            await Task.Delay(options.Value.LookForAnswerEvery, time);
            stored = await read();
        }

        return stored;
    }
}
