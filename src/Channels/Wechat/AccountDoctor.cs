using System.Globalization;
using Google.Protobuf.Collections;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using Level = PayCore.Contracts.V1.AccountFinding.Types.Level;

namespace PayCore.Channels.Wechat;

/// <summary>
/// Examines an account: its document, the callback address, and by two harmless signed questions (a number that does not exist, and the platform's
/// certificates) whether its keys belong together and our clock is right. Moves no money and changes nothing.
/// </summary>
internal sealed class AccountDoctor(
    IConfigDocuments<WechatAccount> accounts, WechatWire wire, PlatformCertificates certificates, RandomSource random, TimeProvider time)
{
    /// <summary>WeChat Pay and we refuse what is further away (wechat-pay-v3.md 1.3, 2.2).</summary>
    private const int ClockRefusedSeconds = 300;
    private const int ClockFailureSeconds = 60;
    private const int ClockWarningSeconds = 10;
    private static readonly TimeSpan _certificateWarning = TimeSpan.FromDays(30);

    /// <summary>Examines it.</summary>
    public async Task<CheckAccountReply> ExamineAsync(CheckAccountRequest request, CancellationToken cancellation)
    {
        var reply = new CheckAccountReply();
        var account = ExamineDocument(request, reply.Findings);
        if (request.CallbackUrl.Length > 0)
        {
            reply.Findings.Add(DoctorTexts.CallbackAddress(request.CallbackUrl));
        }

        if (account is not null && !request.Offline)
        {
            await AskAsync(account, reply.Findings, cancellation);
        }

        return reply;
    }

    private WechatAccount? ExamineDocument(CheckAccountRequest request, RepeatedField<AccountFinding> findings)
    {
        try
        {
            var account = request.Document.IsEmpty ? accounts.Find(request.Account) : WechatAccount.Parse(request.Account, request.Document.Memory);
            findings.Add(account switch
            {
                null => DoctorTexts.NoDocument(),
                { Enabled: false } => DoctorTexts.Disabled(),
                _ => DoctorTexts.GoodDocument(account),
            });
            return account;
        }
        catch (InvalidDocumentException e)
        {
            findings.Add(DoctorTexts.BadDocument(e));
            return null;
        }
    }

    private async Task AskAsync(WechatAccount account, RepeatedField<AccountFinding> findings, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(WechatClient.Limit, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        var downloading = certificates.DownloadAsync(account, ended.Token);
        var query = await QueryAsync(account, ended.Token);
        var download = await downloading;

        // A ring of its own: what is examined here must not change what a running account trusts.
        var ring = account.NewKeyRing();
        if (account.UsesCertificates && download.Result == CertificateResult.Good)
        {
            ring.Replace(download.Certificates);
        }

        var check = ring.Check(query.Headers, query.Body, time.GetUtcNow());
        if (check == SignatureCheck.Wrong)
        {
            // The platform signs wrongly on purpose now and then (wechat-pay-v3.md 2.3): the question is asked again.
            using var again = new CancellationTokenSource(WechatClient.Limit, time);
            using var againEnded = CancellationTokenSource.CreateLinkedTokenSource(again.Token, cancellation);
            query = await QueryAsync(account, againEnded.Token);
            check = ring.Check(query.Headers, query.Body, time.GetUtcNow());
        }

        if (query.Reach != WechatReach.Answered)
        {
            findings.Add(DoctorTexts.NoAnswer(account, query));
            return;
        }

        Judge(account, query, check, ring, download, findings);
    }

    private Task<WechatExchange> QueryAsync(WechatAccount account, CancellationToken limit)
    {
        Span<byte> bytes = stackalloc byte[12];
        random.Fill(bytes);
        return wire.ExchangeAsync(account, HttpMethod.Get, $"{WechatChannel.OrderPath($"CHECK{Convert.ToHexString(bytes)}")}?mchid={account.MchId}", null, limit);
    }

    private void Judge(
        WechatAccount account, WechatExchange query, SignatureCheck check, WechatKeyRing ring, CertificateDownload download, RepeatedField<AccountFinding> findings)
    {
        var ahead = Ahead(query);
        if (ahead is { } seconds)
        {
            findings.Add(DoctorTexts.Clock(seconds, LevelOf(seconds)));
        }

        var isClockRefused = ahead is { } off && Math.Abs(off) >= ClockRefusedSeconds;
        var error = WechatJson.Read<ErrorAnswer>(query.Body);
        if (ErrorMap.IsSignError(query.Status, error?.Code))
        {
            // Beyond that the clock alone explains it, and nothing can be said of the keys.
            findings.Add(isClockRefused ? DoctorTexts.RefusedByClock() : DoctorTexts.SignError(account, error?.Message));
            return;
        }

        var isNotFound = ErrorMap.StateOf(query.Status, error?.Code) == ChannelPayState.ChannelNotFound;
        if (check == SignatureCheck.Good || isNotFound || download.Exchange.Status == 200)
        {
            findings.Add(DoctorTexts.KeyPair());
        }

        if (ExamineCertificates(account, download) is { } certificate)
        {
            findings.Add(certificate);
        }

        if (ring.HasKey(time.GetUtcNow()) && ExaminePlatformKey(account, query, check, ring, isNotFound) is { } platformKey)
        {
            findings.Add(platformKey);
        }

        if (check == SignatureCheck.Good && isNotFound)
        {
            findings.Add(DoctorTexts.QueryAnswered());
        }
        else if (!isNotFound && query.Status >= 400)
        {
            findings.Add(DoctorTexts.QueryRefused(query.Status, error));
        }
    }

    private AccountFinding? ExamineCertificates(WechatAccount account, CertificateDownload download) => download.Result switch
    {
        CertificateResult.DoesNotOpen => DoctorTexts.ApiV3KeyDoesNotOpen(),
        CertificateResult.Unreadable when account.UsesCertificates => DoctorTexts.CertificatesUnusable(download.Problem),
        // With a public key the list is signed by it, and the finding about that key says the rest.
        CertificateResult.NotVerified when account.PublicKeyId is null => DoctorTexts.CertificatesUnusable(download.Problem),
        CertificateResult.Good or CertificateResult.NotVerified when !account.UsesCertificates => DoctorTexts.ApiV3KeyProven(),
        CertificateResult.Good => ExamineEnd(download.Certificates),
        CertificateResult.Refused when download.Exchange.Status == 404 => DoctorTexts.NoCertificates(account),
        CertificateResult.Refused or CertificateResult.NoAnswer when account.UsesCertificates => DoctorTexts.CertificatesNotDownloaded(download.Problem),
        _ => null,
    };

    private AccountFinding ExamineEnd(IReadOnlyList<WechatPlatformKey> found)
    {
        var end = found.Max(c => c.NotAfter);
        var now = time.GetUtcNow();
        var level = end <= now ? Level.Failure : end - now < _certificateWarning ? Level.Warning : Level.Good;
        return DoctorTexts.Certificates(found.Count, end, level);
    }

    private static AccountFinding? ExaminePlatformKey(WechatAccount account, WechatExchange query, SignatureCheck check, WechatKeyRing ring, bool isNotFound) => check switch
    {
        SignatureCheck.Good => DoctorTexts.PlatformKey(query.Headers.Serial!),
        SignatureCheck.UnknownSerial => DoctorTexts.UnknownPlatformKey(account, PlainText.Clip(query.Headers.Serial, 64), ring.Serials),
        SignatureCheck.Wrong => DoctorTexts.WrongPlatformKey(account),
        SignatureCheck.HeadersMissing when !query.Headers.Any => isNotFound ? DoctorTexts.NotSigned() : null,
        SignatureCheck.HeadersMissing or SignatureCheck.WrongType => DoctorTexts.SignedOtherwise(WechatKeyRing.Explain(check)),
        // Stale: the clock's finding says it.
        _ => null,
    };

    /// <summary>By how many seconds our clock is ahead of the platform's; null when the answer does not say its time.</summary>
    private long? Ahead(WechatExchange answer)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return answer.Date is { } date
            ? now - date.ToUnixTimeSeconds()
            : long.TryParse(answer.Headers.Timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? now - seconds : null;
    }

    private static Level LevelOf(long secondsAhead) => Math.Abs(secondsAhead) switch
    {
        > ClockFailureSeconds => Level.Failure,
        > ClockWarningSeconds => Level.Warning,
        _ => Level.Good,
    };
}
