using System.Net;
using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator.Tests;

public sealed class FieldRuleTests(SharedSimulator shared) : IClassFixture<SharedSimulator>
{
    public static TheoryData<string, string, string> Refused => new()
    {
        { "/mchid", "mchid", "\"1900000009\"" },
        { "/appid", "appid", "null" },
        { "/description", "description", "\"\"" },
        { "/description", "description", $"\"{new string('x', 128)}\"" },
        { "/description", "description", "\"\\ud83c\\udf75\"" },
        { "/description", "description", "\"🍵\"" },
        { "/out_trade_no", "out_trade_no", "\"SHORT\"" },
        { "/out_trade_no", "out_trade_no", $"\"{new string('A', 33)}\"" },
        { "/out_trade_no", "out_trade_no", "\"ORDER 0001\"" },
        { "/out_trade_no", "out_trade_no", "\"ORDER0001\\n\"" },
        { "/notify_url", "notify_url", "\"http://a.example/hook?x=1\"" },
        { "/notify_url", "notify_url", "\"ftp://a.example/hook\"" },
        { "/notify_url", "notify_url", "\"/hook\"" },
        { "/attach", "attach", $"\"{new string('x', 129)}\"" },
        { "/time_expire", "time_expire", "\"2125-06-08T10:34:56\"" },
        { "/time_expire", "time_expire", "\"2015-06-08T10:34:56+08:00\"" },
        { "/support_fapiao", "support_fapiao", "\"true\"" },
        { "/amount/total", "amount", """{"total":1.0}""" },
        { "/amount/total", "amount", """{"total":1e2}""" },
        { "/amount/total", "amount", """{"total":"1"}""" },
        { "/amount/total", "amount", """{"total":0}""" },
        { "/amount/total", "amount", """{"total":-1}""" },
        { "/amount/total", "amount", """{"total":99999999999}""" },
        { "/amount/total", "amount", """{"currency":"CNY"}""" },
        { "/amount/currency", "amount", """{"total":1,"currency":"USD"}""" },
        { "/amount/payer_total", "amount", """{"total":1,"payer_total":1}""" },
        { "/amount", "amount", "1" },
        { "/payer", "payer", """{"openid":"o1"}""" },
        { "/scene_info/payer_client_ip", "scene_info", """{"device_id":"1"}""" },
        { "/detail/goods_detail/0/quantity", "detail", """{"goods_detail":[{"merchant_goods_id":"1","unit_price":1}]}""" },
        { "/limit_pay", "limit_pay", """["cash_only"]""" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Placing_BreakingAFieldRule_IsParamErrorNamingTheField(string field, string member, string json)
    {
        var host = shared.Host;
        var body = SigningClient.OrderBody().ToJsonString();
        var node = JsonNode.Parse(body)!.AsObject();
        node.Remove(member);
        var text = node.ToJsonString()[..^1] + $",\"{member}\":{json}}}";

        var answer = await host.Client.PostAsync("/v3/pay/transactions/native", text);

        answer.Status.Should().Be(HttpStatusCode.BadRequest, answer.Text);
        answer.Code.Should().Be("PARAM_ERROR");
        ((string)answer.Json["detail"]!["field"]!).Should().Be(field);
        ((string)answer.Json["detail"]!["location"]!).Should().Be("body");
        answer.Distrust.Should().BeNull("an error after a good signature is signed");
        host.Ledger.All.Should().BeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"mchid\":\"1\",\"mchid\":\"1\"}")]
    public async Task Placing_WithoutAnObject_IsParamError(string body)
    {
        var host = shared.Host;

        var answer = await host.Client.PostAsync("/v3/pay/transactions/native", body);

        (answer.Status, answer.Code).Should().Be((HttpStatusCode.BadRequest, "PARAM_ERROR"));
    }

    [Fact]
    public async Task Placing_HalfACharacterAsEscape_IsParamError()
    {
        var host = shared.Host;
        var body = SigningClient.OrderBody().ToJsonString().Replace("ORDER00001", "ORDER\\ud83d", StringComparison.Ordinal);

        var answer = await host.Client.PostAsync("/v3/pay/transactions/native", body);

        (answer.Status, answer.Code).Should().Be((HttpStatusCode.BadRequest, "PARAM_ERROR"));
    }

    [Fact]
    public async Task Placing_WithEveryOptionalMember_IsTaken()
    {
        await using var host = await SimulatorHost.StartAsync();
        var body = SigningClient.OrderBody();
        body["time_expire"] = "2125-06-08T10:34:56.5+08:00";
        body["attach"] = "a";
        body["goods_tag"] = "g";
        body["support_fapiao"] = true;
        body["settle_info"] = new JsonObject { ["profit_sharing"] = false };
        body["limit_pay"] = new JsonArray("no_credit");
        body["scene_info"] = JsonNode.Parse("""{"payer_client_ip":"::1","device_id":"D1","store_info":{"id":"1","name":"n"}}""");
        body["detail"] = JsonNode.Parse("""{"cost_price":1,"goods_detail":[{"merchant_goods_id":"1","quantity":1,"unit_price":1}]}""");

        (await host.Client.PlaceAsync(body)).Status.Should().Be(HttpStatusCode.OK);
        ((string)(await host.Client.QueryAsync()).Json["scene_info"]!["device_id"]!).Should().Be("D1");
    }

    [Fact]
    public async Task Placing_ForAnotherAppId_IsAppIdMchIdNotMatch()
    {
        var host = shared.Host;
        var body = SigningClient.OrderBody();
        body["appid"] = "wx0000000000000000";

        (await host.Client.PlaceAsync(body)).Code.Should().Be("APPID_MCHID_NOT_MATCH");
    }

    [Theory]
    [InlineData("")]
    [InlineData("?mchid=1900000002")]
    [InlineData("?mchid=1900000001&x=1")]
    public async Task Query_WithAWrongQuery_IsParamError(string query)
    {
        var host = shared.Host;

        var answer = await host.Client.GetAsync("/v3/pay/transactions/out-trade-no/ORDER00001" + query);

        (answer.Status, answer.Code).Should().Be((HttpStatusCode.BadRequest, "PARAM_ERROR"));
        ((string)answer.Json["detail"]!["location"]!).Should().Be("query");
    }

    [Theory]
    [InlineData("Accept")]
    [InlineData("User-Agent")]
    public async Task Call_WithoutARequiredHeader_IsParamError(string header)
    {
        var host = shared.Host;
        var request = host.Client.Make(HttpMethod.Get, $"/v3/pay/transactions/out-trade-no/ORDER00001?mchid={SimulatorHost.MchId}", "");
        request.Headers.Remove(header);

        (await host.Client.SendAsync(request)).Code.Should().Be("PARAM_ERROR");
    }
}
