using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>The field rules of an order (alipay.md 4.1 and 4.5).</summary>
public sealed class AlipayFieldRuleTests(SharedSimulator shared) : IClassFixture<SharedSimulator>
{
    private static int _number;

    [Theory]
    [InlineData("out_trade_no", "null")]
    [InlineData("out_trade_no", "\"\"")]
    [InlineData("out_trade_no", "\"with-dash\"")]
    [InlineData("out_trade_no", "\"订单\"")]
    [InlineData("out_trade_no", "65 times x")]
    [InlineData("out_trade_no", "12345678")]
    [InlineData("total_amount", "null")]
    [InlineData("total_amount", "12.34")]
    [InlineData("total_amount", "\"12\"")]
    [InlineData("total_amount", "\"12.3\"")]
    [InlineData("total_amount", "\"12.345\"")]
    [InlineData("total_amount", "\"012.34\"")]
    [InlineData("total_amount", "\"-1.00\"")]
    [InlineData("total_amount", "\"+1.00\"")]
    [InlineData("total_amount", "\" 1.00\"")]
    [InlineData("total_amount", "\"1,000.00\"")]
    [InlineData("total_amount", "\"0.00\"")]
    [InlineData("total_amount", "\"100000000.01\"")]
    [InlineData("total_amount", "\"１.00\"")]
    [InlineData("subject", "null")]
    [InlineData("subject", "257 times x")]
    [InlineData("subject", "\"a/b\"")]
    [InlineData("subject", "\"a=b\"")]
    [InlineData("subject", "\"a&b\"")]
    [InlineData("subject", "[\"a\"]")]
    [InlineData("subject", "\"\\ud800\"")]
    [InlineData("body", "129 times x")]
    [InlineData("product_code", "\"FAST_INSTANT_TRADE_PAY\"")]
    [InlineData("seller_id", "\"2088\"")]
    [InlineData("seller_id", "\"1234567890123456\"")]
    [InlineData("timeout_express", "\"1.5h\"")]
    [InlineData("timeout_express", "\"0m\"")]
    [InlineData("timeout_express", "\"16d\"")]
    [InlineData("timeout_express", "\"2c\"")]
    [InlineData("timeout_express", "\"10s\"")]
    [InlineData("time_expire", "\"2099-01-01T00:00:00Z\"")]
    [InlineData("time_expire", "\"2099-01-01 00:00:00\"")]
    [InlineData("passback_params", "513 times x")]
    [InlineData("goods_detail", "{}")]
    [InlineData("goods_detail", "[{\"goods_id\":\"1\"}]")]
    [InlineData("goods_detail", "[{\"goods_id\":\"1\",\"goods_name\":\"n\",\"price\":\"1.00\",\"quantity\":0}]")]
    [InlineData("goods_detail", "[{\"goods_id\":\"1\",\"goods_name\":\"n\",\"price\":\"1.00\",\"quantity\":\"1\"}]")]
    [InlineData("extend_params", "\"text\"")]
    [InlineData("store_id", "33 times x")]
    [InlineData("undiscountable_amount", "\"1\"")]
    public async Task Field_ThatBreaksItsRule_IsRefused(string name, string value)
    {
        using var client = AlipayClient.Register(shared.Host);
        var order = AlipayClient.Order();

        var answer = await client.CallAsync("alipay.trade.precreate", [], p => p["biz_content"] = With(order, name, value));

        (answer.Code, answer.SubCode).Should().Be(("40004", "ACQ.INVALID_PARAMETER"), answer.Text("sub_msg"));
        answer.Text("sub_msg").Should().Contain(name.Contains("goods", StringComparison.Ordinal) ? "goods_detail" : name);
        shared.Host.Get<AlipayLedger>().Find(AlipayClient.AppId, "ORDER00001").Should().BeNull();
    }

    [Theory]
    [InlineData("out_trade_no", "\"abc_XYZ_0123456789\"")]
    [InlineData("total_amount", "\"0.01\"")]
    [InlineData("total_amount", "\"100000000.00\"")]
    [InlineData("subject", "256 times 茶")]
    [InlineData("subject", "256 times 😀")]
    [InlineData("subject", "\"\\\"sign\\\":\\\"{[}]\\\\ 100% A+B\"")]
    [InlineData("body", "128 times x")]
    [InlineData("product_code", "\"FACE_TO_FACE_PAYMENT\"")]
    [InlineData("seller_id", "\"2088000000000077\"")]
    [InlineData("timeout_express", "\"15d\"")]
    [InlineData("passback_params", "512 times x")]
    [InlineData("goods_detail", "[{\"goods_id\":\"1\",\"goods_name\":\"n\",\"price\":\"1.00\",\"quantity\":2}]")]
    [InlineData("extend_params", "{\"hb_fq_num\":\"3\"}")]
    [InlineData("member_of_tomorrow", "{\"any\":1}")]
    public async Task Field_AtItsLimit_IsTaken(string name, string value)
    {
        using var client = AlipayClient.Register(shared.Host);
        var order = AlipayClient.Order($"TAKEN{Interlocked.Increment(ref _number)}");

        var answer = await client.CallAsync("alipay.trade.precreate", [], p => p["biz_content"] = With(order, name, value));

        answer.Code.Should().Be("10000", answer.Text("sub_msg"));
        client.Distrust(answer).Should().BeNull();
    }

    [Fact]
    public async Task Subject_ThatLooksLikeAnAnswer_DoesNotHurtTheSignature()
    {
        await using var host = await SimulatorHost.StartAsync();
        await using var receiver = await NotifyReceiver.StartAsync(200);
        using var client = AlipayClient.Register(host);
        var order = AlipayClient.Order();
        order["subject"] = "\"},\"sign\":\"AAAA\"}} {[ \\ 茶";
        await client.PrecreateAsync(notify: receiver.Url, content: order);
        host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00001");

        var form = AlipayClient.Form(System.Text.Encoding.UTF8.GetString((await receiver.NextAsync()).Body));

        client.Distrust(form).Should().BeNull();
        form["subject"].Should().Be((string)order["subject"]!);
    }

    [Fact]
    public async Task Discounts_ThatDoNotSumUp_AreRefused()
    {
        using var client = AlipayClient.Register(shared.Host);
        var order = AlipayClient.Order();
        (order["discountable_amount"], order["undiscountable_amount"]) = ("10.00", "2.33");

        (await client.PrecreateAsync(content: order)).SubCode.Should().Be("ACQ.INVALID_PARAMETER");
    }

    [Fact]
    public async Task TimeExpire_InThePast_HasItsOwnCode()
    {
        using var client = AlipayClient.Register(shared.Host);
        var order = AlipayClient.Order();
        order["time_expire"] = "2020-01-01 00:00:00";

        (await client.PrecreateAsync(content: order)).SubCode.Should().Be("ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR");
    }

    [Fact]
    public async Task PayChannels_EnabledAndDisabled_ExcludeEachOther()
    {
        using var client = AlipayClient.Register(shared.Host);
        var order = AlipayClient.Order();
        (order["enable_pay_channels"], order["disable_pay_channels"]) = ("balance", "pcredit");

        (await client.PrecreateAsync(content: order)).SubCode.Should().Be("ACQ.INVALID_PARAMETER");
    }

    /// <summary>The order with this member instead, which is JSON, or so many times a character, or not there.</summary>
    private static string With(JsonObject order, string name, string value)
    {
        order.Remove(name);
        var json = value.Split(" times ") is [var count, var text] ? $"\"{string.Concat(Enumerable.Repeat(text, int.Parse(count)))}\"" : value;
        return json == "null" ? order.ToJsonString() : $"{order.ToJsonString()[..^1]},\"{name}\":{json}}}";
    }
}
