using Microsoft.AspNetCore.Http;

namespace PayCore.PayCenter.Web;

/// <summary>What a page is looked at with. A guess from what the browser says of itself: it decides what comes first, never what is possible.</summary>
internal enum Device
{
    /// <summary>A browser on a desk, or one that we do not know.</summary>
    Desktop,

    /// <summary>A browser on a phone.</summary>
    Phone,

    /// <summary>The browser inside WeChat.</summary>
    InWechat,

    /// <summary>The browser inside Alipay.</summary>
    InAlipay,

    /// <summary>The browser inside some other app, which may refuse to open wallets.</summary>
    InOtherApp,
}

/// <summary>Finds out what a page is looked at with.</summary>
internal static class Devices
{
    private static readonly string[] _otherApps = ["QQ/", "Weibo", "DingTalk", "Lark/", "aweme", "BytedanceWebview", "Line/", "FBAN/", "FBAV/", "Instagram", "; wv)"];
    private static readonly string[] _phones = ["Mobile", "Android", "iPhone", "HarmonyOS"];

    /// <summary>By the request's <c>User-Agent</c>.</summary>
    public static Device Of(HttpRequest request)
    {
        var agent = request.Headers.UserAgent.ToString();
        return Says(agent, "MicroMessenger") ? Device.InWechat
            : Says(agent, "AlipayClient") ? Device.InAlipay
            : _otherApps.Any(app => Says(agent, app)) ? Device.InOtherApp
            : _phones.Any(phone => Says(agent, phone)) ? Device.Phone
            : Device.Desktop;
    }

    private static bool Says(string agent, string word) => agent.Contains(word, StringComparison.OrdinalIgnoreCase);
}
