using Microsoft.AspNetCore.Http;

namespace PayCore.ChannelSimulator;

/// <summary>The faults that are about when a call is worked on and answered, the same for every provider.</summary>
internal static class FaultTiming
{
    /// <summary>Does the work, with the fault at its place before or after it. Null: there is no answer any more.</summary>
    public static async Task<TAnswer?> RunAsync<TAnswer>(HttpContext context, Faults.Strike? fault, Func<TAnswer> work, TimeProvider time)
        where TAnswer : class
    {
        var gone = context.RequestAborted;
        switch (fault?.Kind)
        {
            case FaultKinds.Lost:
                fault.Fire();
                await HeldAsync(Task.Delay(Timeout.InfiniteTimeSpan, time, gone));
                return null;
            case FaultKinds.DropBefore:
                fault.Fire();
                context.Abort();
                return null;
            case FaultKinds.ClockSkew:
                ClockHeader.Skew(context, fault.Delay);
                break;
            case FaultKinds.Hold:
                fault.Fire();
                return await HeldAsync(fault.Released.WaitAsync(gone)) ? work() : null;
            default:
                break;
        }

        var answer = work();
        // Begun before it is told, so that a test's clock can be advanced as soon as the fault has fired.
        var late = fault?.Kind == FaultKinds.Late ? Task.Delay(fault.Delay, time, gone) : Task.CompletedTask;
        fault?.Fire();
        switch (fault?.Kind)
        {
            case FaultKinds.Late:
                return await HeldAsync(late) ? answer : null;
            case FaultKinds.HoldAfterEffect:
                return await HeldAsync(fault.Released.WaitAsync(gone)) ? answer : null;
            case FaultKinds.EffectThenTimeout:
                await HeldAsync(Task.Delay(Timeout.InfiniteTimeSpan, time, gone));
                return null;
            case FaultKinds.EffectThenDrop:
                context.Abort();
                return null;
            default:
                return answer;
        }
    }

    /// <summary>False when the caller went away first.</summary>
    private static async Task<bool> HeldAsync(Task wait)
    {
        await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return wait.IsCompletedSuccessfully;
    }
}
