using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using PayCore.PayCenter.Web;

namespace PayCore.PayCenter.Cashier;

/// <summary>
/// Tells a page's script by server-sent events: first how its order stands, then each change of <see cref="CashierView.Key"/>, and a comment every 15 s so that
/// nobody between us takes the connection for dead. Ends with the news after which nothing more can come. The page polls when it cannot listen.
/// </summary>
internal sealed class CashierEvents(CashierOrders orders, CashierWatch watch, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan _heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Answers <c>GET /pay/{token}/events</c>: 404 for a token that is not ours, 503 when too many listen or nobody can answer.</summary>
    public async Task AnswerAsync(string pageToken, HttpContext context)
    {
        SecurityHeaders.Set(context.Response);
        var (look, _) = await orders.LookAsync(pageToken, LookFor.News, context.RequestAborted);
        using var listener = look == Look.Found ? watch.Join(pageToken) : null;
        if (listener is null)
        {
            context.Response.StatusCode = look == Look.Unknown ? StatusCodes.Status404NotFound : StatusCodes.Status503ServiceUnavailable;
            return;
        }

        context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await TellAsync(listener, Devices.Of(context.Request), context.Response, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The browser left, or the process ends and the browser comes again.
        }
    }

    private async Task TellAsync(CashierWatch.Listener listener, Device device, HttpResponse response, CancellationToken end)
    {
        string? told = null;
        var saidAt = time.GetTimestamp();
        await foreach (var order in listener.LooksAsync(end))
        {
            var view = order is null ? null : CashierView.Of(order, time.GetUtcNow(), device);
            if (view is not null && view.Key != told)
            {
                told = view.Key;
                await SayAsync($"data: {JsonSerializer.Serialize(CashierStatus.Of(view))}\n\n");
            }
            else if (time.GetElapsedTime(saidAt) >= _heartbeat)
            {
                await SayAsync(": still here\n\n");
            }

            if (view is { IsLive: false })
            {
                return;
            }
        }

        async Task SayAsync(string text)
        {
            saidAt = time.GetTimestamp();
            await response.WriteAsync(text, end);
            await response.Body.FlushAsync(end);
        }
    }
}
