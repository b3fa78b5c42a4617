using Microsoft.Playwright;

namespace PayCore.Cashier.Tests.Support;

/// <summary>Who looks at a page, and with what.</summary>
public sealed record Viewer
{
    private const string PhoneAgent =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";

    /// <summary>A browser on a desk.</summary>
    public static Viewer Desk { get; } = new() { Name = "desk", Width = 1280, Height = 900 };

    /// <summary>A browser on a phone.</summary>
    public static Viewer Phone { get; } = new() { Name = "phone", Width = 390, Height = 844, Agent = PhoneAgent };

    /// <summary>The browser inside WeChat.</summary>
    public static Viewer InWechat { get; } = Phone with { Name = "wechat", Agent = $"{PhoneAgent} MicroMessenger/8.0.54(0x18003637) NetType/WIFI Language/zh_CN" };

    /// <summary>The browser inside Alipay.</summary>
    public static Viewer InAlipay { get; } = Phone with { Name = "alipay", Agent = $"{PhoneAgent} AliApp(AP/10.6.80) AlipayClient/10.6.80 Language/zh-Hans" };

    public required string Name { get; init; }

    public required int Width { get; init; }

    public required int Height { get; init; }

    public string? Agent { get; init; }

    public string Locale { get; init; } = "en";

    public ColorScheme Scheme { get; init; } = ColorScheme.Light;

    public bool Scripts { get; init; } = true;

    /// <summary>One of the four by its name.</summary>
    public static Viewer Of(string name) => new[] { Desk, Phone, InWechat, InAlipay }.Single(v => v.Name == name);

    public override string ToString() => Name;
}
