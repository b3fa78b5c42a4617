using System.Net;
using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.OutboundAddresses;
using static PayCore.MerchantApi.FieldRules;

namespace PayCore.PayGateway;

/// <summary>
/// What a request must be before anything is saved: checked top to bottom in the order of the contract's fields, one reason each.
/// Pure: neither clock nor network nor database.
/// </summary>
internal static class PayRules
{
    /// <summary>The shortest expiry: channels refuse an earlier close (invariants, section 4).</summary>
    public static readonly TimeSpan ExpiryMin = TimeSpan.FromMinutes(5);

    /// <summary>The longest expiry: the shortest life that a provider gives an unpaid order.</summary>
    public static readonly TimeSpan ExpiryMax = TimeSpan.FromDays(7);

    /// <summary>No channel is asked with less time than this left.</summary>
    public static readonly TimeSpan AttemptTimeMin = TimeSpan.FromMinutes(1);

    private const int TextMax = 128;
    private const int SubjectMax = 127;

    /// <summary>Checks what the words of a create request must be on any day, and says what will be saved.</summary>
    /// <param name="request">As the merchant sent it.</param>
    /// <param name="appId">The verified caller.</param>
    /// <param name="app">The caller's document.</param>
    /// <param name="now">The time of the request.</param>
    /// <param name="defaultExpiry">For a request that names none.</param>
    public static CreateOrderRequest Check(CreatePayOrderRequest request, string appId, MerchantApp app, DateTimeOffset now, TimeSpan defaultExpiry)
    {
        CheckApp(request.AppId, appId);
        CheckNumber(request.OutTradeNo, "out_trade_no");
        CheckAmount(request.AmountMinor);
        var currency = CheckCurrency(request.Currency);

        Demand(request.Subject.Length is >= 1 and <= SubjectMax && !string.IsNullOrWhiteSpace(request.Subject), "subject", ErrorReason.SubjectInvalid, $"has 1 to {SubjectMax} characters");
        Demand(IsPlainText(request.Subject), "subject", ErrorReason.SubjectInvalid, "has no control characters and none beyond the Basic Multilingual Plane");

        CheckWay(request.Method, request.Scene, request.Buyer, request.ClientIp);

        if (request.ReturnUrl.Length > 0)
        {
            Demand(IsWebAddress(request.ReturnUrl), "return_url", ErrorReason.ReturnUrlInvalid, "is an absolute http or https address without user name, at most 255 characters");
        }

        var given = request.ExpireTime is not null;
        DemandExpiry(!given || IsOfCalendar(request.ExpireTime!));
        Demand(request.Attach.Length <= TextMax, "attach", ErrorReason.AttachInvalid, $"has at most {TextMax} characters");

        return new CreateOrderRequest
        {
            Order = new PayOrder
            {
                AppId = appId,
                OutTradeNo = request.OutTradeNo,
                AmountMinor = request.AmountMinor,
                Currency = currency,
                Subject = request.Subject,
                Method = request.Method,
                Scene = request.Scene,
                ExpireTime = new Timestamp { Seconds = given ? request.ExpireTime!.Seconds : (now + defaultExpiry).ToUnixTimeSeconds() },
                Attach = request.Attach,
            },
            MerchantId = app.MerchantId,
            NotifyUrl = request.NotifyUrl,
            DeliverUrl = request.NotifyUrl.Length > 0 ? request.NotifyUrl : app.Webhook?.Url ?? "",
            ReturnUrl = request.ReturnUrl,
            ClientIp = request.ClientIp,
            Buyer = request.Buyer,
            ExpireTimeGiven = given,
        };
    }

    /// <summary>Checks what a new order must be today, by the clock and by the app's and the system's settings as they are now.</summary>
    /// <param name="intent">What <see cref="Check"/> said.</param>
    /// <param name="app">The caller's document.</param>
    /// <param name="addresses">Which addresses notifications may go to.</param>
    /// <param name="now">The time of the request.</param>
    public static void CheckToday(CreateOrderRequest intent, MerchantApp app, AddressGuard addresses, DateTimeOffset now)
    {
        CheckLimit(intent.Order.AmountMinor, app.Limits.AmountMinorMax);
        if (intent.NotifyUrl.Length > 0)
        {
            var problem = addresses.CheckUrl(intent.NotifyUrl);
            Demand(problem is null, "notify_url", ErrorReason.NotifyUrlInvalid, problem ?? "");
        }

        var ahead = DateTimeOffset.FromUnixTimeSeconds(intent.Order.ExpireTime.Seconds) - now;
        DemandExpiry(!intent.ExpireTimeGiven || (ahead >= ExpiryMin && ahead <= ExpiryMax));
    }

    /// <summary>Checks a request for another attempt.</summary>
    public static void CheckAttempt(CreateAttemptRequest request, PayOrder order)
    {
        CheckNumber(request.OutAttemptNo, "out_attempt_no");
        var scene = request.Scene == Scene.Unspecified ? order.Scene : request.Scene;
        Demand(scene != Scene.Cashier, "scene", ErrorReason.SceneInvalid, "is a way to pay; CASHIER asks no channel");
        CheckWay(request.Method.Length == 0 ? order.Method : request.Method, scene, request.Buyer, request.ClientIp);
    }

    private static void CheckWay(string method, Scene scene, string buyer, string clientIp)
    {
        Demand(scene != Scene.Unspecified && System.Enum.IsDefined(scene), "scene", ErrorReason.SceneInvalid, "is one of QR, PAGE, H5, JSAPI, MINI_PROGRAM, APP, BARCODE, CASHIER");
        if (scene == Scene.Cashier)
        {
            Demand(method.Length == 0, "method", ErrorReason.MethodInvalid, "is empty for CASHIER: the user chooses");
        }
        else
        {
            CheckMethod(method);
        }

        Demand(buyer.Length <= TextMax && IsPlainText(buyer), "buyer", ErrorReason.BuyerInvalid, $"has at most {TextMax} characters");
        Demand(buyer.Length > 0 || scene is not (Scene.Jsapi or Scene.MiniProgram or Scene.Barcode), "buyer", ErrorReason.BuyerInvalid, "is required by this scene");
        Demand(clientIp.Length == 0 || IsAddress(clientIp), "client_ip", ErrorReason.ClientIpInvalid, "is an IPv4 or IPv6 address");
        Demand(clientIp.Length > 0 || scene != Scene.H5, "client_ip", ErrorReason.ClientIpInvalid, "is required by this scene");
    }

    private static void DemandExpiry(bool holds) => Demand(holds, "expire_time", ErrorReason.ExpireTimeInvalid, "is 5 minutes to 7 days ahead");

    // Over gRPC the seconds may be any number, which no calendar has.
    private static bool IsOfCalendar(Timestamp time) =>
        time.Nanos is >= 0 and < 1_000_000_000 && time.Seconds >= 0 && time.Seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    // The parser alone also takes "1", "0x7f.1", "[::1]:80" and "fe80::1%eth0", which no provider takes.
    private static bool IsAddress(string text) =>
        text.Length <= 45 && IPAddress.TryParse(text, out var address)
        && (address.AddressFamily == AddressFamily.InterNetwork ? address.ToString() == text : !text.AsSpan().ContainsAny("[]%"));

    // The parser drops spaces at the ends and line breaks anywhere; what is stored is the text.
    private static bool IsWebAddress(string text) =>
        text.Length <= 255 && !text.Any(c => c == ' ' || char.IsControl(c))
        && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is ("https" or "http") && uri.UserInfo.Length == 0;
}
