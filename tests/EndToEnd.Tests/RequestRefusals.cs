using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using PayCore.EndToEnd.Tests.Support;
using PayCore.MerchantApi;

namespace PayCore.EndToEnd.Tests;

/// <summary>A well-signed request that is not as it must be names the field at fault and changes nothing.</summary>
public sealed class RequestRefusals(SharedWorld shared) : IClassFixture<SharedWorld>
{
    private const string Invalid = ErrorReason.RequestInvalid;
    private static readonly string _long = new('a', 65);
    private readonly World _world = shared.World;

    /// <summary>Member, its JSON, and the reason of the violation.</summary>
    public static TheoryData<string, string, string> WrongMembers => new()
    {
        { "amount_minor", "0", ErrorReason.AmountInvalid },
        { "amount_minor", "-1", ErrorReason.AmountInvalid },
        { "amount_minor", "-0", ErrorReason.AmountInvalid },
        { "amount_minor", "\"0\"", ErrorReason.AmountInvalid },
        { "amount_minor", "100000000001", ErrorReason.AmountTooLarge },
        { "amount_minor", "9007199254740991", ErrorReason.AmountTooLarge },
        { "amount_minor", "9007199254740992", ErrorReason.FieldRange },
        { "amount_minor", "9223372036854775807", ErrorReason.FieldRange },
        { "amount_minor", "9223372036854775808", ErrorReason.FieldRange },
        { "amount_minor", "18446744073709552915", ErrorReason.FieldRange },
        { "amount_minor", "\"9223372036854775808\"", ErrorReason.FieldRange },
        { "amount_minor", "1.5", ErrorReason.FieldFormat },
        { "amount_minor", "1.0", ErrorReason.FieldFormat },
        { "amount_minor", "1e3", ErrorReason.FieldFormat },
        { "amount_minor", "1E400", ErrorReason.FieldFormat },
        { "amount_minor", "\"1.0\"", ErrorReason.FieldFormat },
        { "amount_minor", "\"1e3\"", ErrorReason.FieldFormat },
        { "amount_minor", "\"12a\"", ErrorReason.FieldFormat },
        { "amount_minor", "\" 1\"", ErrorReason.FieldFormat },
        { "amount_minor", "\"1 \"", ErrorReason.FieldFormat },
        { "amount_minor", "\"+1\"", ErrorReason.FieldFormat },
        { "amount_minor", "\"1,299\"", ErrorReason.FieldFormat },
        { "amount_minor", "\"0x10\"", ErrorReason.FieldFormat },
        { "amount_minor", "\"１２\"", ErrorReason.FieldFormat },
        { "amount_minor", "\"\"", ErrorReason.FieldFormat },
        { "amount_minor", "\"NaN\"", ErrorReason.FieldFormat },
        { "amount_minor", "true", ErrorReason.FieldType },
        { "amount_minor", "[1299]", ErrorReason.FieldType },
        { "amount_minor", "{\"value\":1299}", ErrorReason.FieldType },
        { "amount_minor", "null", ErrorReason.FieldNull },

        { "out_trade_no", "\"\"", ErrorReason.NumberInvalid },
        { "out_trade_no", $"\"{_long}\"", ErrorReason.NumberInvalid },
        { "out_trade_no", "\"a b\"", ErrorReason.NumberInvalid },
        { "out_trade_no", "\"a\\n\"", ErrorReason.NumberInvalid },
        { "out_trade_no", "\"😀\"", ErrorReason.NumberInvalid },
        { "out_trade_no", "\"é\"", ErrorReason.NumberInvalid },
        { "out_trade_no", "\"a'--\"", ErrorReason.NumberInvalid },
        { "out_trade_no", "\"\\ud83d\"", ErrorReason.FieldFormat },
        { "out_trade_no", "12", ErrorReason.FieldType },
        { "out_trade_no", "null", ErrorReason.FieldNull },

        { "subject", "\"\"", ErrorReason.SubjectInvalid },
        { "subject", "\"   \"", ErrorReason.SubjectInvalid },
        { "subject", $"\"{new string('茶', 128)}\"", ErrorReason.SubjectInvalid },
        { "subject", "\"tea\\u0000\"", ErrorReason.SubjectInvalid },
        { "subject", "\"tea\\ncoffee\"", ErrorReason.SubjectInvalid },
        { "subject", "\"tea 😀\"", ErrorReason.SubjectInvalid },
        { "subject", "null", ErrorReason.FieldNull },

        { "method", "\"\"", ErrorReason.MethodInvalid },
        { "method", "\"WECHAT\"", ErrorReason.MethodInvalid },
        { "method", "\"wechat.QR\"", ErrorReason.MethodInvalid },
        { "method", "\"wechat\\n\"", ErrorReason.MethodInvalid },
        { "method", $"\"{_long}\"", ErrorReason.MethodInvalid },
        { "method", "null", ErrorReason.FieldNull },

        { "scene", "\"SCENE_UNSPECIFIED\"", ErrorReason.SceneInvalid },
        { "scene", "\"qr\"", ErrorReason.FieldEnum },
        { "scene", "\"NATIVE\"", ErrorReason.FieldEnum },
        { "scene", "\"1\"", ErrorReason.FieldEnum },
        { "scene", "\"\"", ErrorReason.FieldEnum },
        { "scene", "1", ErrorReason.FieldType },
        { "scene", "99", ErrorReason.FieldType },
        { "scene", "null", ErrorReason.FieldNull },

        { "currency", "\"cny\"", ErrorReason.CurrencyInvalid },
        { "currency", "\"CNYX\"", ErrorReason.CurrencyInvalid },
        { "currency", "\"C1Y\"", ErrorReason.CurrencyInvalid },
        { "currency", "156", ErrorReason.FieldType },

        { "attach", $"\"{new string('x', 129)}\"", ErrorReason.AttachInvalid },
        { "attach", "{\"a\":1}", ErrorReason.FieldType },
        { "buyer", $"\"{new string('x', 129)}\"", ErrorReason.BuyerInvalid },
        { "buyer", "\"a\\u0007\"", ErrorReason.BuyerInvalid },

        { "client_ip", "\"garbage\"", ErrorReason.ClientIpInvalid },
        { "client_ip", "\"256.1.1.1\"", ErrorReason.ClientIpInvalid },
        { "client_ip", "\"203.0.113.7, 10.0.0.1\"", ErrorReason.ClientIpInvalid },
        { "client_ip", "\"203.0.113.7:80\"", ErrorReason.ClientIpInvalid },
        { "client_ip", "\"1\"", ErrorReason.ClientIpInvalid },
        { "client_ip", "\"127.1\"", ErrorReason.ClientIpInvalid },
        { "client_ip", "\"0x7f000001\"", ErrorReason.ClientIpInvalid },
        { "client_ip", "\"010.0.0.1\"", ErrorReason.ClientIpInvalid },
        { "client_ip", "\"[2001:db8::1]\"", ErrorReason.ClientIpInvalid },
        { "client_ip", "\"[2001:db8::1]:80\"", ErrorReason.ClientIpInvalid },
        { "client_ip", "\"fe80::1%eth0\"", ErrorReason.ClientIpInvalid },

        { "expire_time", "\"tomorrow\"", ErrorReason.FieldFormat },
        { "expire_time", "\"2026-02-30T00:00:00Z\"", ErrorReason.FieldFormat },
        { "expire_time", "1785000000", ErrorReason.FieldType },
        { "expire_time", "{\"seconds\":1785000000}", ErrorReason.FieldType },
        { "expire_time", "\"0001-01-01T00:00:00Z\"", ErrorReason.ExpireTimeInvalid },
        { "expire_time", "\"9999-12-31T23:59:59.999999999Z\"", ErrorReason.ExpireTimeInvalid },
        { "expire_time", "null", ErrorReason.FieldNull },

        { "return_url", "\"javascript:alert(1)\"", ErrorReason.ReturnUrlInvalid },
        { "return_url", "\" https://shop.example/\"", ErrorReason.ReturnUrlInvalid },
        { "return_url", "\"java\\nscript:alert(1)\"", ErrorReason.ReturnUrlInvalid },
        { "return_url", "\"data:text/html,x\"", ErrorReason.ReturnUrlInvalid },
        { "return_url", "\"/relative\"", ErrorReason.ReturnUrlInvalid },
        { "return_url", "\"//shop.example/\"", ErrorReason.ReturnUrlInvalid },
        { "return_url", "\"file:///etc/passwd\"", ErrorReason.ReturnUrlInvalid },
        { "return_url", "\"https://user@shop.example/\"", ErrorReason.ReturnUrlInvalid },
        { "return_url", "\"https://shop.example/\\r\\nX-Injected: 1\"", ErrorReason.ReturnUrlInvalid },
        { "return_url", $"\"https://shop.example/{new string('x', 235)}\"", ErrorReason.ReturnUrlInvalid },

        { "notify_url", "\"http://127.0.0.1\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://127.0.0.1/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://10.0.0.1\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://172.16.0.1/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://192.168.1.1\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://100.64.0.1/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://169.254.169.254/latest\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://0.0.0.0/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://2130706433/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://0x7f.1/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://[::1]/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://[::ffff:10.0.0.1]/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://[fe80::1]/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://[fd00::1]/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://localhost/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://hooks.localhost/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://metadata.google.internal/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://intranet/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://user@example.com/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://user:secret@example.com/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"http://example.com/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"ftp://example.com/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"gopher://example.com/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://example.com:22/\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://example.com/#top\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"https://example.com/\\r\\n\"", ErrorReason.NotifyUrlInvalid },
        { "notify_url", "\"hook\"", ErrorReason.NotifyUrlInvalid },

        { "app_id", "\"other-app\"", ErrorReason.AppMismatch },
        { "app_id", "\"no-such-app\"", ErrorReason.AppMismatch },
        { "app_id", "\"TEST-APP\"", ErrorReason.AppMismatch },

        { "amount", "1299", ErrorReason.FieldUnknown },
        { "AMOUNT_MINOR", "1299", ErrorReason.FieldUnknown },
        { "amountMinor", "1299", ErrorReason.FieldUnknown },
        { "id", "\"P1\"", ErrorReason.FieldUnknown },
        { "extra", "{\"a\":[{\"b\":[1,2,{\"c\":null}]}]}", ErrorReason.FieldUnknown },
    };

    [Theory]
    [MemberData(nameof(WrongMembers))]
    public async Task Create_WrongMember_IsRefusedByItsName(string field, string json, string reason)
    {
        var order = _world.NewOrder();
        var number = field == "out_trade_no" ? null : order["out_trade_no"]!.GetValue<string>();

        var answer = await _world.WithoutEffectAsync(number, () => _world.Merchant.PostTextAsync(Refusals.OrdersPath, order.WithRaw(field, json)));

        answer.ShouldBe(400, Invalid, $"{field} {reason}");
        answer.Violations.Should().ContainSingle();
    }

    [Theory]
    [InlineData("out_trade_no", ErrorReason.NumberInvalid)]
    [InlineData("amount_minor", ErrorReason.AmountInvalid)]
    [InlineData("subject", ErrorReason.SubjectInvalid)]
    [InlineData("scene", ErrorReason.SceneInvalid)]
    [InlineData("method", ErrorReason.MethodInvalid)]
    public async Task Create_MemberMissing_IsRefusedByItsName(string field, string reason)
    {
        var order = _world.NewOrder();
        order.Remove(field);

        var answer = await _world.WithoutEffectAsync(null, () => _world.Merchant.PostTextAsync(Refusals.OrdersPath, order.ToJsonString()));

        answer.ShouldBe(400, Invalid, $"{field} {reason}");
    }

    [Theory]
    [InlineData("amount_minor", "1299")]
    [InlineData("scene", "\"QR\"")]
    [InlineData("subject", "\"two\"")]
    public async Task Create_MemberTwice_IsRefusedByItsName(string field, string json)
    {
        var order = _world.NewOrder();
        var number = order["out_trade_no"]!.GetValue<string>();
        var twice = $"{order.ToJsonString()[..^1]},\"{field}\":{json}}}";

        var answer = await _world.WithoutEffectAsync(number, () => _world.Merchant.PostTextAsync(Refusals.OrdersPath, twice));

        answer.ShouldBe(400, Invalid, $"{field} {ErrorReason.FieldDuplicate}");
    }

    [Theory]
    [InlineData("\"1299\"")]
    [InlineData("1299")]
    [InlineData("001299")]
    public async Task Create_AmountOfDigits_MeansThatNumber(string json)
    {
        var answer = await _world.Merchant.PostTextAsync(Refusals.OrdersPath, _world.NewOrder().WithRaw("amount_minor", json));

        if (json.StartsWith('0'))
        {
            answer.ShouldBe(400, Invalid, $" {ErrorReason.JsonMalformed}");
            return;
        }

        answer.Status.Should().Be(200, answer.Text);
        answer.Json["order"]!["amount_minor"]!.GetValue<long>().Should().Be(1299);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("not json")]
    [InlineData("{")]
    [InlineData("{\"subject\":\"a\"} {}")]
    [InlineData("{\"subject\":\"a\"}x")]
    [InlineData("{\"subject\":\"a\",}")]
    [InlineData("{'subject':'a'}")]
    [InlineData("{\"subject\":\"a\"/**/}")]
    [InlineData("\uFEFF{\"subject\":\"a\"}")]
    public async Task Create_BodyNotJson_IsRefused(string body)
    {
        var answer = await _world.WithoutEffectAsync(null, () => _world.Merchant.PostTextAsync(Refusals.OrdersPath, body));

        answer.ShouldBe(400, Invalid, $" {ErrorReason.JsonMalformed}");
    }

    [Theory]
    [InlineData("[]", ErrorReason.FieldType)]
    [InlineData("\"text\"", ErrorReason.FieldType)]
    [InlineData("12", ErrorReason.FieldType)]
    [InlineData("null", ErrorReason.FieldNull)]
    public async Task Create_BodyNoObject_IsRefused(string body, string reason)
    {
        var answer = await _world.WithoutEffectAsync(null, () => _world.Merchant.PostTextAsync(Refusals.OrdersPath, body));

        answer.ShouldBe(400, Invalid, $" {reason}");
    }

    [Fact]
    public async Task Create_NestedWithoutEnd_IsRefused()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 5_000)) + "1" + new string('}', 5_000);

        var answer = await _world.WithoutEffectAsync(null, () => _world.Merchant.PostTextAsync(Refusals.OrdersPath, deep));

        answer.Status.Should().Be(400);
        answer.Reason.Should().Be(Invalid);
    }

    [Fact]
    public async Task Create_BodyOver64KB_IsRefused()
    {
        var order = _world.NewOrder().With("attach", new string('x', 65_536));

        var answer = await _world.WithoutEffectAsync(null, () => _world.Merchant.PostTextAsync(Refusals.OrdersPath, order.ToJsonString()));

        answer.ShouldBe(413, ErrorReason.BodyTooLarge);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=gb18030")]
    [InlineData("application/xml")]
    public async Task Create_OtherContentType_IsRefused(string? type)
    {
        var order = _world.NewOrder();
        var number = order["out_trade_no"]!.GetValue<string>();

        var answer = await _world.WithoutEffectAsync(number, () => _world.Merchant.PostTextAsync(Refusals.OrdersPath, order.ToJsonString(), type));

        answer.ShouldBe(415, ErrorReason.ContentTypeUnsupported);
    }

    [Theory]
    [InlineData(-60)]
    [InlineData(240)]
    [InlineData(295)]
    [InlineData((7 * 86_400) + 60)]
    [InlineData(8 * 86_400)]
    public async Task Create_ExpiryTooNearOrTooFar_IsRefused(int secondsAhead)
    {
        var order = _world.NewOrder().With("expire_time", $"{DateTimeOffset.UtcNow.AddSeconds(secondsAhead):yyyy-MM-dd'T'HH:mm:ss'Z'}");
        var number = order["out_trade_no"]!.GetValue<string>();

        var answer = await _world.WithoutEffectAsync(number, () => _world.Merchant.PostTextAsync(Refusals.OrdersPath, order.ToJsonString()));

        answer.ShouldBe(400, Invalid, $"expire_time {ErrorReason.ExpireTimeInvalid}");
    }

    /// <summary>Every limit is reached by a request that is accepted.</summary>
    [Theory]
    [InlineData("amount_minor", "1")]
    [InlineData("attach", null)]
    [InlineData("subject", null)]
    [InlineData("out_trade_no", null)]
    [InlineData("currency", "\"CNY\"")]
    [InlineData("app_id", "\"test-app\"")]
    [InlineData("client_ip", "\"203.0.113.7\"")]
    [InlineData("client_ip", "\"2001:db8::1\"")]
    [InlineData("client_ip", "\"2001:DB8:0:0:0:0:0:1\"")]
    [InlineData("client_ip", "\"::ffff:203.0.113.7\"")]
    [InlineData("return_url", "\"https://shop.example/back?order=1#paid\"")]
    [InlineData("return_url", "\"http://shop.example\"")]
    [InlineData("notify_url", "\"https://example.com/hook?x=1\"")]
    [InlineData("notify_url", "\"https://example.com:8443/hook\"")]
    public async Task Create_AtTheLimit_IsAccepted(string field, string? json)
    {
        json ??= field switch
        {
            "attach" => $"\"{new string('x', 128)}\"",
            "subject" => $"\"{new string('茶', 127)}\"",
            _ => $"\"{new string('N', 64)}\"",
        };

        var answer = await _world.Merchant.PostTextAsync(Refusals.OrdersPath, _world.NewOrder().WithRaw(field, json));

        answer.Status.Should().Be(200, answer.Text);
    }

    [Theory]
    [InlineData("alipay", "APP")]
    [InlineData("wechat", "PAGE")]
    [InlineData("nosuchwallet", "QR")]
    public async Task Create_NoRoute_IsNotAllowed(string method, string scene)
    {
        var order = _world.NewOrder().With("method", method).With("scene", scene);
        var number = order["out_trade_no"]!.GetValue<string>();

        var answer = await _world.WithoutEffectAsync(number, () => _world.Merchant.PostTextAsync(Refusals.OrdersPath, order.ToJsonString()));

        answer.ShouldBe(403, ErrorReason.MethodNotAllowed);
    }

    [Theory]
    [InlineData("CASHIER", "", "method", ErrorReason.MethodInvalid)]
    [InlineData("JSAPI", "", "buyer", ErrorReason.BuyerInvalid)]
    [InlineData("MINI_PROGRAM", "", "buyer", ErrorReason.BuyerInvalid)]
    [InlineData("BARCODE", "", "buyer", ErrorReason.BuyerInvalid)]
    [InlineData("H5", "", "client_ip", ErrorReason.ClientIpInvalid)]
    public async Task Create_SceneWithoutWhatItNeeds_IsRefusedByItsName(string scene, string buyer, string field, string reason)
    {
        var order = _world.NewOrder().With("scene", scene).With("buyer", buyer);
        var number = order["out_trade_no"]!.GetValue<string>();

        var answer = await _world.WithoutEffectAsync(number, () => _world.Merchant.PostTextAsync(Refusals.OrdersPath, order.ToJsonString()));

        answer.ShouldBe(400, Invalid, $"{field} {reason}");
    }

    [Theory]
    [InlineData("POST", "/v1/pay-orders?amount_minor=1", 400, Invalid)]
    [InlineData("GET", "/v1/pay-orders", 400, Invalid)]
    [InlineData("GET", "/v1/pay-orders?out_trade_no=", 400, Invalid)]
    [InlineData("GET", "/v1/pay-orders?out_trade_no=a&out_trade_no=b", 400, Invalid)]
    [InlineData("GET", "/v1/pay-orders?number=a", 400, Invalid)]
    [InlineData("GET", "/v1/pay-orders?out_trade_no=a&refresh=yes", 400, Invalid)]
    [InlineData("GET", "/v1/no-such-thing", 404, ErrorReason.RouteUnknown)]
    [InlineData("DELETE", "/v1/pay-orders", 405, ErrorReason.VerbNotAllowed)]
    [InlineData("PUT", "/v1/pay-orders/P1", 405, ErrorReason.VerbNotAllowed)]
    [InlineData("GET", "/v1/pay-orders/P1/attempts", 405, ErrorReason.VerbNotAllowed)]
    [InlineData("GET", "/v1/pay-orders/no-such-order", 404, ErrorReason.OrderNotFound)]
    public async Task Request_ToAWrongTarget_IsRefused(string verb, string target, int status, string reason)
    {
        var answer = await _world.WithoutEffectAsync(null, async () =>
        {
            using var request = new HttpRequestMessage(new HttpMethod(verb), target);
            if (verb is "POST" or "PUT")
            {
                request.Content = new StringContent(_world.NewOrder().ToJsonString(), new MediaTypeHeaderValue("application/json"));
            }

            using var sent = await _world.Merchant.SendAsync(request);
            return await sent.ReadAnswerAsync();
        });

        answer.Status.Should().Be(status, answer.Text);
        answer.Reason.Should().Be(reason);
    }

    [Fact]
    public async Task Create_ManyWrongMembers_NamesThemAll()
    {
        var answer = await _world.Merchant.PostTextAsync(
            Refusals.OrdersPath, "{\"amount_minor\":1.5,\"subject\":null,\"scene\":1,\"colour\":\"red\",\"amount_minor\":2}");

        answer.Status.Should().Be((int)HttpStatusCode.BadRequest);
        answer.Violations.Should().Equal(
            $"amount_minor {ErrorReason.FieldFormat}", $"subject {ErrorReason.FieldNull}", $"scene {ErrorReason.FieldType}", $"colour {ErrorReason.FieldUnknown}",
            $"amount_minor {ErrorReason.FieldDuplicate}");
    }
}
