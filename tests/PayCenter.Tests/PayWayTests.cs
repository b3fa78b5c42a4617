using Microsoft.AspNetCore.Http;
using PayCore.Contracts.V1;
using PayCore.PayCenter.Cashier;
using PayCore.PayCenter.Web;

namespace PayCore.PayCenter.Tests;

/// <summary>Which way to pay comes first on which device. The scenes that no channel has yet are among them.</summary>
public sealed class PayWayTests
{
    private static readonly CashierWay[] _routes =
    [
        FakeGateways.Way("wechat", Scene.Qr, Scene.H5, Scene.Jsapi, Scene.MiniProgram, Scene.App, Scene.Barcode),
        FakeGateways.Way("alipay", Scene.Page, Scene.Qr, Scene.H5),
    ];

    [Theory]
    [InlineData("Desktop", "wechat.Qr alipay.Qr alipay.Page wechat.H5 alipay.H5")]
    [InlineData("Phone", "wechat.H5 alipay.H5 alipay.Page wechat.Qr alipay.Qr")]
    [InlineData("InOtherApp", "wechat.H5 alipay.H5 alipay.Page wechat.Qr alipay.Qr")]
    [InlineData("InWechat", "wechat.Jsapi wechat.Qr wechat.H5 alipay.H5 alipay.Page alipay.Qr")]
    [InlineData("InAlipay", "alipay.Page alipay.Qr alipay.H5 wechat.H5 wechat.Qr")]
    public void Offered_Device_ComesFirstWhatSuitsItAndTheRestStays(string device, string expected) =>
        string.Join(' ', PayWay.Offered(_routes, Enum.Parse<Device>(device)).Select(w => $"{w.Method}.{w.Scene}")).Should().Be(expected);

    [Theory]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36", "Desktop")]
    [InlineData("", "Desktop")]
    [InlineData("curl/8.5.0", "Desktop")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1", "Phone")]
    [InlineData("Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36", "Phone")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.54(0x18003637) NetType/WIFI Language/zh_CN", "InWechat")]
    [InlineData("Mozilla/5.0 (Linux; U; Android 14; zh-CN; V2309A) AppleWebKit/537.36 Version/4.0 Chrome/100 UWS/3.22 Mobile Safari/537.36 AlipayDefined(nt:WIFI) AliApp(AP/10.6.80) AlipayClient/10.6.80 Language/zh-Hans", "InAlipay")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Weibo (iPhone16,1__weibo__14.11.2)", "InOtherApp")]
    [InlineData("Mozilla/5.0 (Linux; Android 14; SM-S911B; wv) AppleWebKit/537.36 Version/4.0 Chrome/131.0 Mobile Safari/537.36", "InOtherApp")]
    public void Device_UserAgent_IsToldApart(string agent, string device)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.UserAgent = agent;
        Devices.Of(context.Request).ToString().Should().Be(device);
    }

    [Fact]
    public void Suits_OwnAppAndDesk_AreNotForH5()
    {
        var h5 = new PayWay("wechat", Scene.H5);
        (h5.Suits(Device.Phone), h5.Suits(Device.InAlipay), h5.Suits(Device.InWechat), h5.Suits(Device.Desktop)).Should().Be((true, true, false, false));
    }
}
