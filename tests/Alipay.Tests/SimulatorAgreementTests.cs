using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using Level = PayCore.Contracts.V1.AccountFinding.Types.Level;
using Verdict = PayCore.Contracts.V1.ReadCallbackReply.Types.Verdict;

namespace PayCore.Alipay.Tests;

/// <summary>
/// Channel and simulator were written apart from the protocol page. Here they meet over real HTTP: what one says the other must understand, in both key modes.
/// </summary>
public sealed partial class SimulatorAgreementTests
{
    [Theory]
    [InlineData(Simulator.Key)]
    [InlineData(Simulator.Certificate)]
    public async Task Payment_FromPlacingToPaid_IsUnderstoodOnBothSides(string mode)
    {
        await using var simulator = await Simulator.StartAsync(mode);
        var world = simulator.World;

        (await world.QueryAsync()).State.Should().Be(ChannelPayState.ChannelNotFound);

        var pay = await simulator.PayAsync();
        (pay.Outcome, pay.Code, pay.Message).Should().Be((Outcome.Yes, "", ""));
        var order = simulator.Order!;
        pay.Action.QrCodeText.Should().Be(order.Code).And.StartWith("https://qr.alipay.com/");
        (order.Total, order.SellerId, order.Subject).Should().Be((8888, Keys.SellerId, "龙井茶 Longjing ／ A+B＝100% ＆ <tea>"));
        order.TimeExpire.Should().Be(World.Start.AddMinutes(30));
        (await world.QueryAsync()).State.Should().Be(ChannelPayState.ChannelNotFound, "nobody has scanned");

        simulator.Wallet.Scan(order.Code);
        var unpaid = await world.QueryAsync();
        (unpaid.State, unpaid.Facts.AttemptNo, unpaid.Facts.AmountMinor).Should().Be((ChannelPayState.ChannelNotPaid, World.AttemptNo, 8888));
        unpaid.Facts.PaidTime.Should().BeNull();

        var paid = simulator.PayInWallet();
        var queried = await world.QueryAsync();
        queried.State.Should().Be(ChannelPayState.ChannelPaid);
        (queried.Facts.AttemptNo, queried.Facts.AmountMinor, queried.Facts.ChannelOrderId, queried.Facts.Refunded)
            .Should().Be((World.AttemptNo, 8888, paid.TradeNo!, false));
        queried.Facts.PaidTime.ToDateTimeOffset().Should().Be(paid.GmtPayment!.Value);

        var told = await world.ReadAsync(await simulator.NextCallbackAsync());
        (told.Verdict, told.State, told.MessageId).Should().Be((Verdict.Payment, ChannelPayState.ChannelPaid, paid.Callback!.Id));
        told.Facts.AccountIds.Should().BeEquivalentTo(new Dictionary<string, string> { ["app_id"] = Keys.AppId, ["seller_id"] = Keys.SellerId });
        told.Facts.AccountIds.Clear();
        told.Facts.Should().Be(queried.Facts, "callback and query tell of the same payment");
        simulator.Calls.Should().OnlyContain(c => c.Status == 200 && (c.Code == null || c.Code == "ACQ.TRADE_NOT_EXIST") && c.Unknown == null);
    }

    [Theory]
    [InlineData(Simulator.Key, "redirect")]
    [InlineData(Simulator.Key, "form")]
    [InlineData(Simulator.Certificate, "redirect")]
    [InlineData(Simulator.Certificate, "form")]
    public async Task Page_OpenedInABrowser_LeadsToTheCashierAndIsPaidThere(string mode, string pageAction)
    {
        await using var simulator = await Simulator.StartAsync(mode, d => d["page_action"] = pageAction);

        var pay = await simulator.PayAsync(Scene.Page);

        simulator.Calls.Should().BeEmpty();
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var opened = await OpenAsync(browser, pay.Action);
        opened.StatusCode.Should().Be(HttpStatusCode.Redirect);
        (await simulator.World.QueryAsync()).State.Should().Be(ChannelPayState.ChannelNotFound, "nobody has logged in");
        var paid = simulator.PayInWallet();
        (paid.Total, paid.TimeExpire, paid.SellerId).Should().Be((8888, World.Start.AddMinutes(30), Keys.SellerId));
        paid.ReturnUrl.Should().EndWith("/back?shop=1");
        (await simulator.World.QueryAsync()).State.Should().Be(ChannelPayState.ChannelPaid);
        (await simulator.World.ReadAsync(await simulator.NextCallbackAsync())).Verdict.Should().Be(Verdict.Payment);
    }

    [Fact]
    public async Task Pay_NumberWithAHistory_AsksForAQuery()
    {
        await using var simulator = await Simulator.StartAsync();
        await simulator.PayAsync();

        var again = await simulator.PayAsync();
        simulator.Wallet.Scan(simulator.Order!.Code);
        var changed = await simulator.World.PayAsync(r => r.AmountMinor = 1);
        simulator.PayInWallet();
        var paid = await simulator.PayAsync();

        (again.Outcome, again.QueryNow, again.Code).Should().Be((Outcome.Unknown, true, "ACQ.APPLY_PC_MERCHANT_CODE_ERROR"));
        (changed.Outcome, changed.QueryNow, changed.Code).Should().Be((Outcome.Unknown, true, "ACQ.CONTEXT_INCONSISTENT"));
        (paid.Outcome, paid.QueryNow, paid.Code).Should().Be((Outcome.Unknown, true, "ACQ.TRADE_HAS_SUCCESS"));
    }

    [Fact]
    public async Task Close_UnscannedScannedAndPaid_IsWhatTheLedgerSays()
    {
        await using var simulator = await Simulator.StartAsync();
        var world = simulator.World;
        await simulator.PayAsync();

        var unscanned = await world.CloseAsync();
        simulator.Wallet.Scan(simulator.Order!.Code);
        var closed = await world.CloseAsync();
        var again = await world.CloseAsync();

        (unscanned.Outcome, unscanned.State).Should().Be((Outcome.No, ChannelPayState.ChannelNotFound));
        (closed.Outcome, closed.State).Should().Be((Outcome.Yes, ChannelPayState.ChannelClosed));
        (again.Outcome, again.State, again.Code).Should().Be((Outcome.No, ChannelPayState.ChannelUnknown, "ACQ.TRADE_STATUS_ERROR"));
        (await world.QueryAsync()).State.Should().Be(ChannelPayState.ChannelClosed);

        await using var other = await Simulator.StartAsync();
        await other.PayAsync();
        other.PayInWallet();
        (await other.World.CloseAsync()).Outcome.Should().Be(Outcome.No);
        (await other.World.QueryAsync()).State.Should().Be(ChannelPayState.ChannelPaid);
    }

    [Fact]
    public async Task Certificate_RenewedAtAlipay_IsToldOnceAndChangesNothing()
    {
        await using var simulator = await Simulator.StartAsync(Simulator.Certificate, registration: r => r with { Name = "Renewed" });
        simulator.RenewCertificate();

        (await simulator.PayAsync()).Outcome.Should().Be(Outcome.Yes);
        simulator.PayInWallet();
        (await simulator.World.QueryAsync()).State.Should().Be(ChannelPayState.ChannelPaid);
        (await simulator.World.ReadAsync(await simulator.NextCallbackAsync())).Verdict.Should().Be(Verdict.Payment);

        simulator.World.Log.Should().ContainSingle(l => l.Contains("take the new certificate", StringComparison.Ordinal));
        simulator.World.Configure(d => Simulator.Put(d, simulator.Given)).Should().BeNull();
        (await simulator.World.CheckAsync()).Findings.Should().OnlyContain(f => f.Level == Level.Good);
    }

    [Theory]
    [InlineData(Simulator.Key)]
    [InlineData(Simulator.Certificate)]
    public async Task Account_AsItWasGiven_IsGoodThroughout(string mode)
    {
        await using var simulator = await Simulator.StartAsync(mode);

        var findings = (await simulator.World.CheckAsync()).Findings;

        findings.Should().OnlyContain(f => f.Level == Level.Good);
        findings.Select(f => f.Check).Should().Contain(["document", "platform_key", "clock", "signed_query"]);
    }

    /// <summary>A mistake of configuration, what the examination says of it, and the words of an ordinary payment.</summary>
    private static readonly Dictionary<string, (string Mode, Action<JsonObject> Change, string Check, string Field, Outcome Outcome, string Code)> _mistakes = new()
    {
        ["another private key"] = (
            Simulator.Key, d => d["private_key"] = Keys.Stranger.ExportPkcs8PrivateKeyPem(), "signed_query", "private_key", Outcome.No, "isv.invalid-signature"),
        ["an application that is not there"] = (
            Simulator.Key, d => d["app_id"] = "2021000000000404", "signed_query", "app_id", Outcome.No, "isv.invalid-app-id"),
        ["another key of Alipay"] = (
            Simulator.Key, d => d["alipay_public_key"] = Keys.Stranger.ExportSubjectPublicKeyInfoPem(), "platform_key", "alipay_public_key", Outcome.Unknown,
            "NO_USABLE_ANSWER"),
        ["certificates for an application in key mode"] = (
            Simulator.Key, d => World.UseCertificates(d), "platform_key", "alipay_cert", Outcome.Unknown, "NO_USABLE_ANSWER"),
        ["certificates of another environment"] = (
            Simulator.Certificate, d => World.UseCertificates(d), "platform_key", "alipay_cert", Outcome.Unknown, "NO_USABLE_ANSWER"),
    };

    public static TheoryData<string> Mistakes => [.. _mistakes.Keys];

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task Configuration_WithAMistake_IsNamedByTheExaminationAndByAPayment(string mistake)
    {
        var (mode, change, check, field, outcome, code) = _mistakes[mistake];
        await using var simulator = await Simulator.StartAsync(mode, change);

        if (outcome == Outcome.Unknown && mode == Simulator.Key)
        {
            simulator.World.ExpectError("claims success, but the answer is taken as forged");
        }

        var findings = (await simulator.World.CheckAsync()).Findings;
        var pay = await simulator.PayAsync();

        findings.Should().Contain(f => f.Level == Level.Failure && f.Check == check && f.Field == field);
        (pay.Outcome, pay.Code, pay.Action).Should().Be((outcome, code, null!), pay.Message);
        pay.Message.Should().NotBeEmpty();
        simulator.Order.Should().Match<AlipayOrder?>(o => outcome != Outcome.No || o == null);
    }

    [Fact]
    public async Task KeyForAnApplicationInCertificateMode_IsNamedByItsMode()
    {
        await using var simulator = await Simulator.StartAsync(Simulator.Certificate, d => World.UseCertificates(d));
        using var leaf = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(simulator.Given.AlipayCert);
        var key = PemEncoding.WriteString("PUBLIC KEY", leaf.PublicKey.ExportSubjectPublicKeyInfo());
        simulator.World.Configure(d => d["alipay_public_key"] = key).Should().BeNull();

        var findings = (await simulator.World.CheckAsync()).Findings;
        var pay = await simulator.PayAsync();

        findings.Should().ContainSingle(f => f.Level == Level.Failure).Which.TextEn.Should().Contain("certificate mode");
        (pay.Outcome, pay.Code).Should().Be((Outcome.No, "isv.missing-app-cert-sn"));
        pay.Message.Should().Contain("certificate mode");
    }

    [Fact]
    public async Task ApplicationsCertificate_ThatEnded_IsNamedBeforeAnythingIsSent()
    {
        await using var simulator = await Simulator.StartAsync(Simulator.Certificate, registration: r => r with { AppCertDays = -1 });

        var pay = await simulator.PayAsync();
        simulator.Calls.Should().BeEmpty();
        var findings = (await simulator.World.CheckAsync()).Findings;

        (pay.Outcome, pay.NothingSent, pay.Code).Should().Be((Outcome.Unknown, true, "APP_CERT_EXPIRED"));
        findings.Where(f => f.Level == Level.Failure).Should().OnlyContain(f => f.Field == "app_cert").And.Contain(f => f.Check == "certificate" && f.TextEn.Contains("2026-11-21"));
    }

    private static Task<HttpResponseMessage> OpenAsync(HttpClient browser, Contracts.V1.Action action)
    {
        if (action.KindCase == Contracts.V1.Action.KindOneofCase.RedirectUrl)
        {
            return browser.GetAsync(new Uri(action.RedirectUrl));
        }

        var address = new Uri(WebUtility.HtmlDecode(ActionRule().Match(action.HtmlForm).Groups[1].Value));
        var content = WebUtility.HtmlDecode(ContentRule().Match(action.HtmlForm).Groups[1].Value);
        return browser.PostAsync(address, new FormUrlEncodedContent([new("biz_content", content)]));
    }

    [GeneratedRegex("action=\"([^\"]*)\"")]
    private static partial Regex ActionRule();

    [GeneratedRegex("name=\"biz_content\" value=\"([^\"]*)\"")]
    private static partial Regex ContentRule();
}
