using System.Text.Json.Nodes;
using PayCore.EndToEnd.Tests.Support;

namespace PayCore.Interop.Tests.Support;

/// <summary>The merchant API's calls as requests for the library.</summary>
public static class MerchantCalls
{
    public static SignedRequest CreateRequest(this World world, JsonObject order, SignedRequestKey key, TimeProvider clock) => new()
    {
        Method = "POST",
        Url = new Uri(world.Web, Refusals.OrdersPath),
        Body = order.ToJsonString(),
        Key = key,
        Created = clock.GetUtcNow(),
    };

    public static SignedRequest QueryRequest(this World world, JsonObject order, SignedRequestKey key, TimeProvider clock) => new()
    {
        Method = "GET",
        Url = new Uri(world.Web, $"{Refusals.OrdersPath}?out_trade_no={order["out_trade_no"]}"),
        Key = key,
        Created = clock.GetUtcNow(),
    };

    /// <summary>Every answer must be a success.</summary>
    public static void ShouldBeGood(this IEnumerable<RestAnswer> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        foreach (var answer in answers)
        {
            answer.Status.Should().Be(200, answer.Text);
        }
    }
}
