using System.Text;
using System.Text.Json;
using CsCheck;
using Google.Protobuf;
using PayCore.MerchantApi.Tests.Sample;

namespace PayCore.MerchantApi.Tests;

public class StrictJsonTests
{
    /// <summary>Bodies that must pass. Over the wire each must also be read as protobuf's own JSON reader reads it.</summary>
    public static TheoryData<string> Good => new(
        "{}",
        " {\n} \r\n\t",
        "{\"amount_minor\":9007199254740991}",
        "{\"amount_minor\":-9007199254740991}",
        "{\"amount_minor\":\"12\"}",
        "{\"amount_minor\":\"-12\",\"amounts\":[\"0\",-0]}",
        "{\"count\":-2147483648,\"small\":4294967295,\"big\":\"9007199254740991\"}",
        "{\"count\":-5,\"small\":5,\"big\":5,\"limit\":\"5\"}",
        "{\"scene\":\"SCENE_UNSPECIFIED\",\"capture\":true,\"blob\":\"AAE=\"}",
        "{\"expire_time\":\"2026-02-28T23:59:59.123456789+08:00\",\"wait\":\"1.5s\"}",
        "{\"labels\":{\"a\":\"b\",\"\":\"\"},\"numbered\":{\"-1\":{\"name\":\"x\"}}}",
        "{\"items\":[{\"children\":[{},{\"name\":\"\\ud83d\\ude00\"}]}],\"amounts\":[1,\"2\"],\"limit\":5}",
        "{\"open_id\":\"a\",\"attach\":\"\",\"camelName\":\"x\"}",
        "{\"out_trade_n\\u006f\":\"T\"}");

    [Theory]
    [MemberData(nameof(Good))]
    public void Body_AsItMustBe_HasNoViolation(string json) => Check(json).Should().BeEmpty();

    [Theory]
    [InlineData("{\"amount\":1}", "amount", "FIELD_UNKNOWN")]
    [InlineData("{\"Amount_minor\":1}", "Amount_minor", "FIELD_UNKNOWN")]
    [InlineData("{\"camel_name\":\"x\"}", "camel_name", "FIELD_UNKNOWN")]
    [InlineData("{\"amount_minor\":1,\"amount_minor\":1}", "amount_minor", "FIELD_DUPLICATE")]
    [InlineData("{\"amount_minor\":1,\"amount\\u005fminor\":1}", "amount_minor", "FIELD_DUPLICATE")]
    [InlineData("{\"open_id\":\"a\",\"auth_code\":\"b\"}", "auth_code", "FIELD_DUPLICATE")]
    [InlineData("{\"amount_minor\":null}", "amount_minor", "FIELD_NULL")]
    [InlineData("{\"item\":null}", "item", "FIELD_NULL")]
    [InlineData("{\"items\":[null]}", "items[0]", "FIELD_NULL")]
    [InlineData("{\"items\":null}", "items", "FIELD_NULL")]
    [InlineData("{\"limit\":null}", "limit", "FIELD_NULL")]
    [InlineData("null", "", "FIELD_NULL")]
    [InlineData("[]", "", "FIELD_TYPE")]
    [InlineData("1", "", "FIELD_TYPE")]
    [InlineData("{\"amount_minor\":true}", "amount_minor", "FIELD_TYPE")]
    [InlineData("{\"amount_minor\":[1]}", "amount_minor", "FIELD_TYPE")]
    [InlineData("{\"amounts\":1}", "amounts", "FIELD_TYPE")]
    [InlineData("{\"item\":[]}", "item", "FIELD_TYPE")]
    [InlineData("{\"labels\":[]}", "labels", "FIELD_TYPE")]
    [InlineData("{\"out_trade_no\":1}", "out_trade_no", "FIELD_TYPE")]
    [InlineData("{\"capture\":\"true\"}", "capture", "FIELD_TYPE")]
    [InlineData("{\"count\":\"1\"}", "count", "FIELD_TYPE")]
    [InlineData("{\"small\":\"1\"}", "small", "FIELD_TYPE")]
    [InlineData("{\"capture\":1}", "capture", "FIELD_TYPE")]
    [InlineData("{\"scene\":1}", "scene", "FIELD_TYPE")]
    [InlineData("{\"anything\":{}}", "anything", "FIELD_TYPE")]
    [InlineData("{\"expire_time\":1}", "expire_time", "FIELD_TYPE")]
    [InlineData("{\"scene\":\"qr\"}", "scene", "FIELD_ENUM")]
    [InlineData("{\"scene\":\"1\"}", "scene", "FIELD_ENUM")]
    [InlineData("{\"amount_minor\":1.0}", "amount_minor", "FIELD_FORMAT")]
    [InlineData("{\"amount_minor\":1e2}", "amount_minor", "FIELD_FORMAT")]
    [InlineData("{\"amount_minor\":\" 1\"}", "amount_minor", "FIELD_FORMAT")]
    [InlineData("{\"amount_minor\":\"1 \"}", "amount_minor", "FIELD_FORMAT")]
    [InlineData("{\"amount_minor\":\"+1\"}", "amount_minor", "FIELD_FORMAT")]
    [InlineData("{\"amount_minor\":\"\"}", "amount_minor", "FIELD_FORMAT")]
    [InlineData("{\"amount_minor\":\"-\"}", "amount_minor", "FIELD_FORMAT")]
    [InlineData("{\"amount_minor\":\"1,000\"}", "amount_minor", "FIELD_FORMAT")]
    [InlineData("{\"amount_minor\":\"\u0661\"}", "amount_minor", "FIELD_FORMAT")]
    [InlineData("{\"amount_minor\":9007199254740992}", "amount_minor", "FIELD_RANGE")]
    [InlineData("{\"amount_minor\":\"-9007199254740992\"}", "amount_minor", "FIELD_RANGE")]
    [InlineData("{\"amount_minor\":99999999999999999999999999}", "amount_minor", "FIELD_RANGE")]
    [InlineData("{\"count\":2147483648}", "count", "FIELD_RANGE")]
    [InlineData("{\"small\":-1}", "small", "FIELD_RANGE")]
    [InlineData("{\"big\":\"-0\"}", "big", "FIELD_RANGE")]
    [InlineData("{\"amounts\":[1,2,\"x\"]}", "amounts[2]", "FIELD_FORMAT")]
    [InlineData("{\"blob\":\"AAE\"}", "blob", "FIELD_FORMAT")]
    [InlineData("{\"blob\":\"A A=\"}", "blob", "FIELD_FORMAT")]
    [InlineData("{\"blob\":\"_-8=\"}", "blob", "FIELD_FORMAT")]
    [InlineData("{\"expire_time\":\"2026-02-30T00:00:00Z\"}", "expire_time", "FIELD_FORMAT")]
    [InlineData("{\"expire_time\":\"2026-02-28 00:00:00Z\"}", "expire_time", "FIELD_FORMAT")]
    [InlineData("{\"expire_time\":\"2026-02-28T00:00:00\"}", "expire_time", "FIELD_FORMAT")]
    [InlineData("{\"expire_time\":\"2026-02-28T00:00:00-00:00\"}", "expire_time", "FIELD_FORMAT")]
    [InlineData("{\"expire_time\":\"0001-01-01T00:00:00+01:00\"}", "expire_time", "FIELD_FORMAT")]
    [InlineData("{\"wait\":\"90\"}", "wait", "FIELD_FORMAT")]
    [InlineData("{\"out_trade_no\":\"\\ud800\"}", "out_trade_no", "FIELD_FORMAT")]
    [InlineData("{\"labels\":{\"a\":1}}", "labels[\"a\"]", "FIELD_TYPE")]
    [InlineData("{\"labels\":{\"a\":\"\",\"a\":\"\"}}", "labels[\"a\"]", "FIELD_DUPLICATE")]
    [InlineData("{\"numbered\":{\"x\":{}}}", "numbered[\"x\"]", "FIELD_FORMAT")]
    [InlineData("{\"numbered\":{\"1\":{\"nam\":1}}}", "numbered[\"1\"].nam", "FIELD_UNKNOWN")]
    [InlineData("{\"items\":[{},{\"children\":[{\"amount_minor\":\"x\"}]}]}", "items[1].children[0].amount_minor", "FIELD_FORMAT")]
    [InlineData("", "", "JSON_MALFORMED")]
    [InlineData("{", "", "JSON_MALFORMED")]
    [InlineData("{} {}", "", "JSON_MALFORMED")]
    [InlineData("{}x", "", "JSON_MALFORMED")]
    [InlineData("{/* c */}", "", "JSON_MALFORMED")]
    [InlineData("{\"count\":1,}", "", "JSON_MALFORMED")]
    [InlineData("{\"count\":01}", "", "JSON_MALFORMED")]
    [InlineData("{\"count\":NaN}", "", "JSON_MALFORMED")]
    [InlineData("{'count':1}", "", "JSON_MALFORMED")]
    [InlineData("\uFEFF{}", "", "JSON_MALFORMED")]
    [InlineData("{\"\\ud800\":1}", "", "JSON_MALFORMED")]
    public void Body_WithOneThingWrong_NamesIt(string json, string field, string reason)
    {
        var violation = Check(json).Should().ContainSingle().Which;
        violation.Field.Should().Be(field);
        violation.Reason.Should().Be(reason);
        ErrorReason.All.Should().Contain(violation.Reason);
    }

    [Fact]
    public void Body_NotUtf8_IsRefused() =>
        StrictJson.Check([.. "{\"attach\":\""u8, 0xC3, 0x28, .. "\"}"u8], CreateRequest.Descriptor).Should().ContainSingle().Which.Reason.Should().Be("JSON_MALFORMED");

    [Fact]
    public void Body_NestedTooDeep_NamesWhere()
    {
        var json = string.Concat(Enumerable.Repeat("{\"children\":[", 12)) + string.Concat(Enumerable.Repeat("]}", 12));
        var violation = Check($"{{\"item\":{json}}}").Should().ContainSingle().Which;
        violation.Reason.Should().Be("JSON_TOO_DEEP");
        violation.Field.Should().StartWith("item.children[0].children[0]");
        Check(new string('[', 50_000)).Select(v => v.Reason).Should().Equal("FIELD_TYPE", "JSON_MALFORMED");
    }

    [Fact]
    public void Body_WithSeveralThingsWrong_NamesThemInOrder() =>
        Check("{\"a\":1,\"amount_minor\":null,\"items\":[{\"b\":{\"c\":1}},{\"name\":5}]}").Select(v => v.Field).Should().Equal("a", "amount_minor", "items[0].b", "items[1].name");

    [Fact]
    public void Body_WithVeryManyThingsWrong_NamesTheFirst() =>
        Check("{" + string.Join(',', Enumerable.Range(0, 500).Select(i => $"\"x{i}\":1")) + "}").Should().HaveCount(StrictJson.ViolationsMax);

    [Fact]
    public void Body_WithALongName_IsShownShort() => Check($"{{\"{new string('x', 5000)}\":1}}").Single().Field.Length.Should().BeLessThan(70);

    [Fact]
    public void Body_RepeatingABoundField_IsRefused() =>
        StrictJson.Check("{\"id\":\"P2\",\"why\":\"x\"}"u8, CloseRequest.Descriptor, new HashSet<string> { "id" }).Should().ContainSingle().Which.Should().Match<FieldViolation>(
            v => v.Field == "id" && v.Reason == "FIELD_DUPLICATE");

    [Fact]
    public void Body_OfAnyBytes_NeverThrowsAndAcceptsOnlyWhatProtobufReads()
    {
        // A valid body with a few bytes changed: whatever passes the walk must be read by protobuf's own JSON reader. CsCheck prints the seed.
        var good = Encoding.UTF8.GetBytes(
            "{\"out_trade_no\":\"T1\",\"amount_minor\":1200,\"scene\":\"QR\",\"capture\":true,\"blob\":\"AAE=\",\"items\":[{\"name\":\"a\"}],\"labels\":{\"k\":\"v\"},\"wait\":\"1s\"}");
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length - 1], Gen.Int[0, 5].Select(i => "\",}0 n"u8.ToArray()[i])).Sample(
            (at, value, at2, value2) =>
            {
                var body = good.ToArray();
                body[at] = value;
                body[at2] = value2;
                if (StrictJson.Check(body, CreateRequest.Descriptor).Count == 0)
                {
                    JsonParser.Default.Parse<CreateRequest>(Encoding.UTF8.GetString(body));
                    JsonDocument.Parse(body).Dispose();
                }
            },
            iter: 20_000);
    }

    [Theory]
    [InlineData("", null, null)]
    [InlineData("?", null, null)]
    [InlineData("?after=5&verbose=false&scene=QR&page.size=1&tags=a&tags=b&since=2026-01-01T00:00:00Z", null, null)]
    [InlineData("?aft%65r=5", null, null)]
    [InlineData("?x=1", "x", "FIELD_UNKNOWN")]
    [InlineData("?AFTER=1", "AFTER", "FIELD_UNKNOWN")]
    [InlineData("??after=1", "?after", "FIELD_UNKNOWN")]
    [InlineData("?page=1", "page", "FIELD_UNKNOWN")]
    [InlineData("?page.sizes=1", "page.sizes", "FIELD_UNKNOWN")]
    [InlineData("?after.x=1", "after.x", "FIELD_UNKNOWN")]
    [InlineData("?labels=1", "labels", "FIELD_UNKNOWN")]
    [InlineData("?after=1&after=1", "after", "FIELD_DUPLICATE")]
    [InlineData("?after=1&aft%65r=1", "after", "FIELD_DUPLICATE")]
    [InlineData("?id=1", "id", "FIELD_DUPLICATE")]
    [InlineData("?after=", "after", "FIELD_FORMAT")]
    [InlineData("?after", "after", "FIELD_FORMAT")]
    [InlineData("?after=%201", "after", "FIELD_FORMAT")]
    [InlineData("?after=9007199254740992", "after", "FIELD_RANGE")]
    [InlineData("?verbose=True", "verbose", "FIELD_FORMAT")]
    [InlineData("?scene=2", "scene", "FIELD_ENUM")]
    [InlineData("?tags=%zz", "tags", "FIELD_FORMAT")]
    [InlineData("?tags=%C3%28", "tags", "FIELD_FORMAT")]
    [InlineData("?=1", "", "FIELD_FORMAT")]
    [InlineData("?after=1&", "", "FIELD_FORMAT")]
    public void Query_IsAsStrictAsTheBody(string query, string? field, string? reason)
    {
        var violations = StrictQuery.Check(query, GetRequest.Descriptor, new HashSet<string> { "id" });
        if (field is null)
        {
            violations.Should().BeEmpty();
            return;
        }

        violations.Should().ContainSingle().Which.Should().Match<FieldViolation>(v => v.Field == field && v.Reason == reason);
    }

    private static IReadOnlyList<FieldViolation> Check(string json) => StrictJson.Check(Encoding.UTF8.GetBytes(json), CreateRequest.Descriptor);
}
