using System.Text;
using System.Text.Json.Nodes;

namespace PayCore.Configuration.Tests;

/// <summary>What an app's document says of the cashier and of its stores.</summary>
public sealed class CashierDocumentTests
{
    private const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    public static TheoryData<string, string> Good => new()
    {
        { "cashier", """{"support":"help@tea.example"}""" },
        { "cashier", """{"support":"电话 0571-8888 8888"}""" },
        { "cashier", """{"colour":"#0b6E4f"}""" },
        { "cashier", $$"""{"logo":"data:image/png;base64,{{Png}}"}""" },
        { "cashier", $$"""{"logo":"{{Svg("<svg xmlns=\"http://www.w3.org/2000/svg\"/>")}}"}""" },
        { "stores", """{"till-1":{"name":"West Lake","subject":"Tea at West Lake"}}""" },
    };

    public static TheoryData<string, string, string> Bad => new()
    {
        { "cashier", """{"support":""}""", "cashier.support" },
        { "cashier", """{"support":"a\nb"}""", "cashier.support" },
        { "cashier", $$"""{"support":"{{new string('x', 129)}}"}""", "cashier.support" },
        { "cashier", """{"colour":"red"}""", "cashier.colour" },
        { "cashier", """{"colour":"#0b6e4f;}"}""", "cashier.colour" },
        { "cashier", """{"colour":"#fff"}""", "cashier.colour" },
        { "cashier", """{"logo":"https://tea.example/logo.png"}""", "cashier.logo" },
        { "cashier", """{"logo":"data:text/html;base64,PHN2Zz4="}""", "cashier.logo" },
        { "cashier", """{"logo":"data:image/png;base64,PHN2Zz4="}""", "cashier.logo" },
        { "cashier", """{"logo":"data:image/png;base64,!!"}""", "cashier.logo" },
        { "cashier", $$"""{"logo":"data:image/png;base64, {{Png}}"}""", "cashier.logo" },
        { "cashier", """{"logo":"data:image/svg+xml;base64,aGVsbG8="}""", "cashier.logo" },
        { "cashier", $$"""{"logo":"{{Svg($"<svg>{new string(' ', 32 * 1024)}</svg>")}}"}""", "cashier.logo" },
        { "stores", """{"Till":{"name":"n","subject":"s"}}""", "stores.Till" },
        { "stores", """{"":{"name":"n","subject":"s"}}""", "stores." },
        { "stores", """{"abcdefghijklmnopqrstuvwxy":{"name":"n","subject":"s"}}""", "stores.abcdefghijklmnopqrstuvwxy" },
        { "stores", """{"till":{"name":" ","subject":"s"}}""", "stores.till.name" },
        { "stores", """{"till":{"name":"n","subject":""}}""", "stores.till.subject" },
        { "stores", """{"till":{"name":"n","subject":"🍵"}}""", "stores.till.subject" },
    };

    [Theory]
    [MemberData(nameof(Good))]
    public void Parse_GoodMember_IsTaken(string member, string value) => Parse(member, value).Should().NotBeNull();

    [Theory]
    [MemberData(nameof(Bad))]
    public void Parse_BadMember_IsRefusedByItsName(string member, string value, string field)
    {
        var parse = () => Parse(member, value);
        parse.Should().Throw<InvalidDocumentException>().Which.Message.Should().Contain(field);
    }

    private static MerchantApp Parse(string member, string value) => MerchantApp.Parse(
        "app1", Encoding.UTF8.GetBytes(new JsonObject { ["merchant_id"] = "m1", ["keys"] = new JsonArray(), [member] = JsonNode.Parse(value) }.ToJsonString()));

    private static string Svg(string image) => $"data:image/svg+xml;base64,{Convert.ToBase64String(Encoding.UTF8.GetBytes(image))}";
}
