using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using PayCore.MerchantApi;

namespace PayCore.EndToEnd.Tests.Support;

/// <summary>An answer of the REST side, read.</summary>
public sealed record RestAnswer(int Status, string Text)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    /// <summary>The reason of the <c>google.rpc.ErrorInfo</c>, which must be of our domain.</summary>
    public string Reason
    {
        get
        {
            var info = Detail("google.rpc.ErrorInfo") ?? throw new InvalidOperationException($"{Status} has no ErrorInfo: {Text}");
            info["domain"]!.GetValue<string>().Should().Be("paycore");
            return info["reason"]!.GetValue<string>();
        }
    }

    /// <summary>The field violations of the <c>google.rpc.BadRequest</c>, each as <c>field REASON</c>.</summary>
    public IReadOnlyList<string> Violations =>
    [
        .. (Detail("google.rpc.BadRequest")?["fieldViolations"]?.AsArray() ?? [])
            .Select(v => $"{v!["field"]?.GetValue<string>()} {v["reason"]!.GetValue<string>()}"),
    ];

    /// <summary>Must be this refusal, with a reason of the closed list.</summary>
    public void ShouldBe(int status, string reason, string? violation = null)
    {
        ErrorReason.All.Should().Contain(reason);
        Status.Should().Be(status, Text);
        Reason.Should().Be(reason, Text);
        if (violation is null)
        {
            Violations.Should().BeEmpty(Text);
        }
        else
        {
            Violations.Should().Contain(violation, Text);
        }
    }

    private JsonNode? Detail(string type) =>
        Json["details"]?.AsArray().SingleOrDefault(d => d!["@type"]!.GetValue<string>() == $"type.googleapis.com/{type}");
}

/// <summary>Sends what a merchant should not send, and shows that nothing came of it.</summary>
public static class Refusals
{
    public const string OrdersPath = "/v1/pay-orders";

    /// <summary>Sends a body as it is.</summary>
    public static async Task<RestAnswer> PostTextAsync(this HttpClient client, string path, string body, string? contentType = "application/json")
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        return await answer.ReadAnswerAsync();
    }

    public static async Task<RestAnswer> GetAnswerAsync(this HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        return await answer.ReadAnswerAsync();
    }

    public static async Task<RestAnswer> ReadAnswerAsync(this HttpResponseMessage answer) =>
        new((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());

    /// <summary>The order with one change.</summary>
    public static JsonObject With(this JsonObject order, string field, JsonNode? value)
    {
        order[field] = value;
        return order;
    }

    /// <summary>The order with this text as a member's value, which need not be JSON.</summary>
    public static string WithRaw(this JsonObject order, string field, string raw)
    {
        order.Remove(field);
        return $"{order.ToJsonString()[..^1]},\"{field}\":{raw}}}";
    }

    /// <summary>Does something and demands that it left no row, asked no channel, and made no order of the number.</summary>
    public static async Task<T> WithoutEffectAsync<T>(this World world, string? outTradeNo, Func<Task<T>> act)
    {
        var rows = await world.CountAsync();
        var calls = world.ProviderCalls.Calls.Count;

        var answer = await act();

        (await world.CountAsync()).Should().Be(rows, "a refused request leaves no row");
        world.ProviderCalls.Calls.Should().HaveCount(calls, "the channel is not asked for a refused request");
        if (outTradeNo is not null)
        {
            (await world.Merchant.GetAnswerAsync($"{OrdersPath}?out_trade_no={outTradeNo}")).ShouldBe(404, ErrorReason.OrderNotFound);
        }

        return answer;
    }
}
