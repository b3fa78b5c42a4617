using Grpc.Core;
using Microsoft.Extensions.Logging;
using PayCore.Contracts.V1;

namespace PayCore.PayCenter.Cashier;

/// <summary>What came of a look at an order.</summary>
internal enum Look
{
    /// <summary>Here it is.</summary>
    Found,

    /// <summary>The token is not ours.</summary>
    Unknown,

    /// <summary>Nobody could answer just now.</summary>
    Away,
}

/// <summary>What an order is read for.</summary>
internal enum LookFor
{
    /// <summary>To show it.</summary>
    Page,

    /// <summary>To see whether it changed.</summary>
    News,

    /// <summary>As <see cref="News"/>, after the channel was asked.</summary>
    ChannelsWord,
}

/// <summary>What came of a wish for another way to pay.</summary>
internal enum WishResult
{
    /// <summary>Heard; the order shows what became of it.</summary>
    Done,

    /// <summary>The order's state or the wallet forbids it.</summary>
    NotPossible,

    /// <summary>Nobody could answer; repeat it under the same number.</summary>
    Away,
}

/// <summary>The cashier's two questions to the gateways. It acts for the one order whose page token the browser has.</summary>
internal sealed class CashierOrders(
    QueryGatewayInner.QueryGatewayInnerClient query, PayGatewayInner.PayGatewayInnerClient pay, CashierLimits limits, ILogger<CashierOrders> log)
{
    private const int TokenLengthMax = 128;

    /// <summary>Reads the public view of an order.</summary>
    /// <param name="pageToken">From the address.</param>
    /// <param name="purpose">What it is read for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<(Look Look, CashierOrder? Order)> LookAsync(string pageToken, LookFor purpose, CancellationToken cancellationToken)
    {
        if (!IsToken(pageToken))
        {
            return (Look.Unknown, null);
        }

        try
        {
            var request = new GetCashierOrderRequest
            {
                PageToken = pageToken,
                // Who asks too often gets the records, which are as true.
                Refresh = purpose == LookFor.ChannelsWord && limits.Questions.TryTake(pageToken),
                WithoutLogo = purpose != LookFor.Page,
            };
            return (Look.Found, await query.GetCashierOrderAsync(request, cancellationToken: cancellationToken));
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.NotFound or StatusCode.InvalidArgument)
        {
            return (Look.Unknown, null);
        }
        catch (RpcException e)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                // The token is as good as a key and stays out of the log.
                log.LogWarning("An order could not be read for its cashier page: {Status}", e.StatusCode);
            }

            return (Look.Away, null);
        }
    }

    /// <summary>Asks for another way to pay. The browser's patience does not matter: what was begun runs to its end.</summary>
    /// <param name="pageToken">From the address.</param>
    /// <param name="wish">From the form.</param>
    /// <param name="clientIp">The browser's address.</param>
    public async Task<WishResult> AskAsync(string pageToken, AttemptWish wish, string clientIp)
    {
        if (!IsToken(pageToken) || !wish.IsValid)
        {
            return WishResult.NotPossible;
        }

        if (!limits.Attempts.TryTake(pageToken))
        {
            return WishResult.Away;
        }

        try
        {
            await pay.CreateCashierAttemptAsync(new CreateCashierAttemptRequest
            {
                PageToken = pageToken,
                OutAttemptNo = wish.OutAttemptNo,
                Method = wish.Way.Method,
                Scene = wish.Way.Scene,
                ClientIp = clientIp,
            });
            return WishResult.Done;
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.FailedPrecondition or StatusCode.AlreadyExists or StatusCode.InvalidArgument
            or StatusCode.PermissionDenied or StatusCode.NotFound or StatusCode.Aborted)
        {
            return WishResult.NotPossible;
        }
        catch (RpcException e)
        {
            log.LogWarning("A way to pay could not be asked for: {Status}", e.StatusCode);
            return WishResult.Away;
        }
    }

    private static bool IsToken(string text) =>
        text.Length is > 0 and <= TokenLengthMax && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
