using System.Globalization;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using Level = PayCore.Contracts.V1.AccountFinding.Types.Level;

namespace PayCore.Channels.Alipay;

// Examining an account (alipay.md 1.5, 2, 3.3): every mistake that merchants make with keys, modes and environments, by its name and with its remedy.
internal sealed partial class AlipayChannel
{
    private static readonly TimeSpan _endsSoon = TimeSpan.FromDays(30);
    private static readonly TimeSpan _clockWarning = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _clockFailure = TimeSpan.FromSeconds(60);

    private async Task<CheckAccountReply> ExamineAsync(CheckAccountRequest request, CancellationToken cancellation)
    {
        var reply = new CheckAccountReply();
        if (ExamineDocument(reply, request) is not { } account)
        {
            return reply;
        }

        if (account.Certificates is { } certificates)
        {
            Add(reply, Checks.KeyPair, Level.Good, "", "app_cert belongs to private_key.", "app_cert 与 private_key 匹配。");
            ExamineCertificates(reply, certificates);
        }

        if (request.CallbackUrl.Length > 0)
        {
            ExamineCallbackAddress(reply, account, request.CallbackUrl);
        }

        if (request.Offline)
        {
            Add(reply, Checks.PlatformKey, Level.Good, "", $"{account.AlipayKeyField} is not the application's own key.", $"{account.AlipayKeyField} 不是应用自己的公钥。");
            return reply;
        }

        // No number of ours looks like this one.
        var number = $"CHECK_{random.NextToken().Replace('-', '_')}";
        var response = await client.SendAsync(account, QueryMethod, AlipayJson.Write(new TradeNumber(number)), cancellation);
        ExaminePlatformKey(reply, account, response);
        ExamineClock(reply, response);
        ExamineAnswer(reply, response);
        return reply;
    }

    /// <summary>The account, or null when there is none to examine further.</summary>
    private AlipayAccount? ExamineDocument(CheckAccountReply reply, CheckAccountRequest request)
    {
        try
        {
            var account = request.Document.Length > 0 ? AlipayAccount.Read(request.Account, request.Document.Memory) : Configured(reply, request.Account);
            if (account is { Enabled: false })
            {
                Add(reply, Checks.Document, Level.Warning, "enabled", "The account is switched off: it takes no new payments.", "账户已停用，不接受新的支付。");
            }
            else if (account is not null && reply.Findings.Count == 0)
            {
                Add(reply, Checks.Document, Level.Good, "", $"The document is complete: application {account.AppId}.", $"文档完整：应用 {account.AppId}。");
            }

            return account;
        }
        catch (AccountDefectException defect)
        {
            Add(reply, defect.Check, Level.Failure, defect.Field, $"{defect.Field} {defect.Reason}.", $"{defect.Field} {defect.ReasonZh}。");
        }
        catch (InvalidDocumentException e)
        {
            Add(
                reply, Checks.Document, Level.Failure, e.Field.TrimStart('$', '.'), $"The document cannot be read: {e.Message}.", $"文档无法读取：{e.Message}。");
        }

        return null;
    }

    private AlipayAccount? Configured(CheckAccountReply reply, string name)
    {
        var account = accounts.Find(name);
        var problem = folders.Single(f => f.Name == Name).Problems.FirstOrDefault(p => p.Name == name)?.Reason;
        if (problem is not null && account is not null)
        {
            Add(
                reply, Checks.Document, Level.Warning, "", $"The newest document is refused and the one before stays in use: {problem}.",
                $"最新的文档被拒绝，仍在使用之前的文档：{problem}");
        }
        else if (account is null)
        {
            Add(
                reply, Checks.Document, Level.Failure, "", problem is null ? "There is no such account in configuration." : $"The document is refused: {problem}.",
                problem is null ? "配置中没有该账户。" : $"文档被拒绝：{problem}");
        }

        return account;
    }

    private void ExamineCertificates(CheckAccountReply reply, AlipayCertificates certificates)
    {
        var now = time.GetUtcNow();
        foreach (var life in certificates.Lives)
        {
            var (from, until) = (Day(life.From), Day(life.Until));
            var (level, text, textZh) = life switch
            {
                _ when now < life.From => (Level.Failure, $"is valid only from {from}: check this machine's clock", $"自 {from} 起才有效：请检查本机时钟"),
                _ when now >= life.Until => (Level.Failure, $"ended on {until}: download the new one from Alipay's console and set it", $"已于 {until} 过期：请在支付宝控制台下载新证书并更新配置"),
                _ when life.Until - now <= _endsSoon => (Level.Warning, $"ends on {until}: download the new one from Alipay's console in time", $"将于 {until} 到期：请及时在支付宝控制台下载新证书"),
                _ => (Level.Good, $"is valid until {until}", $"有效期至 {until}"),
            };
            Add(reply, Checks.Certificate, level, life.Field, $"{life.Field} ({life.Name}) {text}.", $"{life.Field}（{life.Name}）{textZh}。");
        }

        static string Day(DateTimeOffset when) => when.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    private static void ExamineCallbackAddress(CheckAccountReply reply, AlipayAccount account, string callbackUrl)
    {
        if (!AlipayRules.IsUrl(callbackUrl))
        {
            Add(
                reply, Checks.CallbackAddress, Level.Failure, "",
                "The callback address must be an absolute http or https address of at most 256 characters without a fragment (#…).",
                "回调地址应为不超过 256 个字符、不带 # 片段的完整 http 或 https 地址。");
            return;
        }

        var address = new Uri(callbackUrl);
        if (!account.GatewayUrl.IsLoopback && LocalAddress.Is(address))
        {
            Add(
                reply, Checks.CallbackAddress, Level.Warning, "",
                $"Alipay cannot reach {address.Host}: only this machine or this network can. Payments are found by asking all the same, but later. Set Public:CallbackBaseUrl to a public address.",
                $"支付宝无法访问 {address.Host}：该地址只在本机或内网可用。支付结果仍可通过查询得到，但会晚一些。请把 Public:CallbackBaseUrl 设为公网地址。");
            return;
        }

        Add(reply, Checks.CallbackAddress, Level.Good, "", $"Alipay calls back {callbackUrl}.", $"支付宝回调 {callbackUrl}。");
    }

    private static void ExaminePlatformKey(CheckAccountReply reply, AlipayAccount account, AlipayResponse response)
    {
        var field = account.AlipayKeyField;
        switch (response.Kind)
        {
            case AlipayResponseKind.Verified:
                Add(reply, Checks.PlatformKey, Level.Good, "", $"Alipay's answers verify with {field}.", $"支付宝的应答可用 {field} 验签。");
                break;
            case AlipayResponseKind.BadlySigned:
                Add(
                    reply, Checks.PlatformKey, Level.Failure, field,
                    $"{field} is not the key that signs for this application there: Alipay answers, and its signature does not verify. Take Alipay's key for this app_id from the console of the environment that gateway_url names.",
                    $"{field} 不是支付宝在该环境下为此应用签名所用的密钥：收到应答但验签失败。请从 gateway_url 所在环境的控制台获取该 app_id 的支付宝公钥或证书。");
                break;
        }
    }

    private void ExamineClock(CheckAccountReply reply, AlipayResponse response)
    {
        if (response.Date is not { } theirs)
        {
            return;
        }

        var ahead = time.GetUtcNow() - theirs;
        var seconds = (long)ahead.Duration().TotalSeconds;
        var level = ahead.Duration() > _clockFailure ? Level.Failure : ahead.Duration() > _clockWarning ? Level.Warning : Level.Good;
        var (direction, directionZh) = ahead > TimeSpan.Zero ? ("ahead of", "快") : ("behind", "慢");
        if (level == Level.Good)
        {
            Add(reply, Checks.Clock, level, "", "This machine's clock agrees with Alipay's.", "本机时钟与支付宝一致。");
            return;
        }

        Add(
            reply, Checks.Clock, level, "", $"This machine's clock is {seconds} s {direction} Alipay's: set it by NTP.",
            $"本机时钟比支付宝{directionZh} {seconds} 秒：请用 NTP 校时。");
    }

    private static void ExamineAnswer(CheckAccountReply reply, AlipayResponse response)
    {
        if (response.IsSuccess || ErrorMap.StateOf(response) == ChannelPayState.ChannelNotFound)
        {
            Add(reply, Checks.SignedQuery, Level.Good, "", "Alipay took a signed query and answered it.", "支付宝接受了签名查询并作出应答。");
            return;
        }

        if (KnownCause.Of(response.Head.SubCode) is { } cause)
        {
            Add(reply, Checks.SignedQuery, Level.Failure, cause.Field, cause.Text, cause.TextZh);
            return;
        }

        switch (response.Kind)
        {
            case AlipayResponseKind.BadlySigned:
                // Told as the key's fault; what such an answer says is worth nothing.
                break;
            case AlipayResponseKind.NothingSent or AlipayResponseKind.Unusable:
                Add(
                    reply, Checks.SignedQuery, Level.Failure, "gateway_url", $"No usable answer from gateway_url: {response.Problem}.",
                    $"gateway_url 没有可用的应答：{response.Problem}");
                break;
            default:
                var (code, message) = Words(response);
                Add(reply, Checks.SignedQuery, Level.Failure, "", $"Alipay refuses a query: {code} {message}", $"支付宝拒绝查询：{code} {message}");
                break;
        }
    }

    private static void Add(CheckAccountReply reply, string check, Level level, string field, string text, string textZh) =>
        reply.Findings.Add(new AccountFinding { Check = check, Level = level, Field = field, TextEn = text, TextZh = textZh });
}
