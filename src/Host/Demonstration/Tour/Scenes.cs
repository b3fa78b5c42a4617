using System.Text.Json;
using static PayCore.Host.Demonstration.Tour.Stage;

namespace PayCore.Host.Demonstration.Tour;

/// <summary>Every way in which a buyer pays, from the merchant's signed request to the acknowledged notification.</summary>
internal static class Scenes
{
    private const string AlipayBuyer = "2088000000000099";
    private const string WechatBuyer = "oTourBuyer";

    private static readonly string[] _wechat = ["QR", "JSAPI", "MINI_PROGRAM", "H5", "APP", "BARCODE"];
    private static readonly string[] _alipay = ["QR", "PAGE", "H5", "APP", "JSAPI", "BARCODE"];

    /// <summary>The entries.</summary>
    public static IEnumerable<TourEntry> All =>
    [
        .. _wechat.Select(scene => new TourEntry($"wechat {scene}", stage => PayAsync(stage, "wechat", scene))),
        .. _alipay.Select(scene => new TourEntry($"alipay {scene}", stage => PayAsync(stage, "alipay", scene))),
        new("wechat BARCODE with password", stage => PayWithPasswordAsync(stage, "wechat")),
        new("alipay BARCODE with password", stage => PayWithPasswordAsync(stage, "alipay")),
    ];

    private static async Task PayAsync(Stage stage, string method, string scene)
    {
        var buyer = scene switch
        {
            "BARCODE" => await CodeAsync(stage, method, asksPassword: false),
            "JSAPI" or "MINI_PROGRAM" => method == "wechat" ? WechatBuyer : AlipayBuyer,
            _ => null,
        };
        var order = await stage.CreateAsync(method, scene, buyer: buyer);
        if (scene == "BARCODE")
        {
            Demand(order.Answer["result"]!.GetValue<string>() == "ALREADY_PAID", "create", "a payment by code is paid in its answer");
        }
        else
        {
            await OpenAsync(stage, order, scene);
            await stage.PayAsync(order);
        }

        await stage.PaidAsync(order);
    }

    private static async Task PayWithPasswordAsync(Stage stage, string method)
    {
        var order = await stage.CreateAsync(method, "BARCODE", buyer: await CodeAsync(stage, method, asksPassword: true));
        Demand(order.Answer["result"]!.GetValue<string>() == "PROCESSING", "create", "the buyer is typing a password");
        await stage.PayAsync(order);
        await stage.PaidAsync(order);
    }

    /// <summary>What the buyer's browser, app or wallet does with the action. Nothing is paid yet.</summary>
    private static async Task OpenAsync(Stage stage, TourOrder order, string scene)
    {
        var action = order.Action ?? throw new DemoFailedException("action", "the answer has none");
        if (action["qr_code_text"]?.GetValue<string>() is { Length: > 0 } code)
        {
            if (order.Method == "alipay")
            {
                await stage.Site.TellProviderAsync("/control/alipay/scan", new { qr_code = code });
            }

            stage.Step("code", code);
        }
        else if (action["redirect_url"]?.GetValue<string>() is { Length: > 0 } address)
        {
            await stage.Site.FollowAsync(address);
            stage.Step("redirect", new Uri(address).GetLeftPart(UriPartial.Path));
        }
        else if (action["client_parameters"]?["values"]?.Deserialize<Dictionary<string, string>>() is { } call)
        {
            await CallAsync(stage, order, scene, call);
        }
        else
        {
            throw new DemoFailedException("action", action.ToJsonString());
        }
    }

    /// <summary>The client-side call: the provider checks its signature.</summary>
    private static async Task CallAsync(Stage stage, TourOrder order, string scene, Dictionary<string, string> call)
    {
        switch (order.Method, scene)
        {
            case ("wechat", _):
                if (scene == "MINI_PROGRAM")
                {
                    // The mini program's own; it is signed and not handed over (wechat-pay-v3.md 3.3).
                    call["appId"] = (await stage.LedgerAsync(order)).Order.GetProperty("app_id").ToString();
                }

                await stage.Site.TellProviderAsync("/control/wechat/open", call);
                break;
            case ("alipay", "APP"):
                await stage.Site.TellProviderAsync("/control/alipay/open", new { order_string = call["orderStr"] });
                break;
            default:
                var theirs = (await stage.LedgerAsync(order)).Order.GetProperty("trade_no").ToString();
                Demand(call["tradeNO"] == theirs, "client call", $"the trade is {theirs}, the call names {call["tradeNO"]}");
                break;
        }

        stage.Step("client call", "the provider took what its client SDK brought");
    }

    private static async Task<string> CodeAsync(Stage stage, string method, bool asksPassword) =>
        (await stage.Site.TellProviderAsync($"/control/{method}/auth-codes", new { asks_password = asksPassword })).GetProperty("auth_code").GetString()!;
}
