using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

// What the account can pay out, alipay.fund.account.query (alipay.md 8.4). Reads only.
internal sealed partial class AlipayChannel
{
    private async Task<ChannelQueryBalanceReply> QueryBalanceAsync(ChannelQueryBalanceRequest request, CancellationToken cancellation)
    {
        if (accounts.Find(request.Account) is not { } account)
        {
            return NoBalance("ACCOUNT_UNKNOWN", NoAccount);
        }

        if (account.Certificates is null)
        {
            return NoBalance(CertificatesNeeded, CertificatesNeededText);
        }

        var content = AlipayJson.Write(new BalanceOwner(account.SellerId, "ACCTRANS_ACCOUNT"));
        var response = await client.SendAsync(account, "alipay.fund.account.query", content, cancellation);
        if (!response.IsSuccess)
        {
            var (code, message) = Words(response);
            return NoBalance(code, message);
        }

        var answer = AlipayJson.Read<BalanceAnswer>(response.Node);
        // An account without frozen money may leave it out.
        return Yuan.Read(answer?.AvailableAmount) is { } available && Yuan.Read(answer?.FreezeAmount ?? "0") is { } frozen
            ? new ChannelQueryBalanceReply { Outcome = Outcome.Yes, Currency = AlipayRules.Currency, AvailableMinor = available, FrozenMinor = frozen }
            : NoBalance(NoUsable, "The answer is signed but cannot be read.");
    }

    private static ChannelQueryBalanceReply NoBalance(string code, string message) => new() { Outcome = Outcome.Unknown, Code = code, Message = message };
}
