using PayCore.CommandLine.Tests.Support;
using PayCore.Configuration;
using PayCore.MerchantApi;

namespace PayCore.CommandLine.Tests;

/// <summary><c>paycore key</c>: rotation beside a running system, and what must not happen by it.</summary>
public sealed class KeyTests(World world)
{
    public static TheoryData<string> Algorithms => AppTests.Algorithms;

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Rotation_ToAKeyOfEachAlgorithm_NeverLeavesTheMerchantWithoutOne(string algorithm)
    {
        MerchantKeyAlgorithms.TryParse(algorithm, out var parsed).Should().BeTrue();
        var appId = $"rotating-{algorithm[..4]}";
        var old = await world.CreateAppAsync(appId);
        await world.AskUntilAsync(old, 200);

        (await world.RunAsync("key", "add", appId, "--alg", algorithm, "--out", $"{appId}.second.key")).Done().Value("keyid").Should().Be($"{appId}/k2");
        var fresh = world.KeyOf(appId, "k2", parsed, $"{appId}.second.key");
        await world.AskUntilAsync(fresh, 200);
        (await world.AskAsync(old)).Status.Should().Be(200, "both count during the overlap");

        (await world.RunAsync("key", "retire", appId, "k1", "--at", "now")).Done();
        await world.AskUntilAsync(old, 401);
        (await world.AskAsync(fresh)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Retire_LeavesADayUnlessSaidOtherwise_AndNeverMovesAnEndToLater()
    {
        await world.CreateAppAsync("ending");
        (await world.RunAsync("key", "add", "ending")).Done();

        (await world.RunAsync("key", "retire", "ending", "k1")).Done();
        End("ending", "k1").Should().BeCloseTo(DateTimeOffset.UtcNow.AddHours(24), TimeSpan.FromMinutes(2));

        (await world.RunAsync("key", "retire", "ending", "k1", "--in", "90m")).Done();
        var end = End("ending", "k1");
        end.Should().BeCloseTo(DateTimeOffset.UtcNow.AddMinutes(90), TimeSpan.FromMinutes(2));

        (await world.RunAsync("key", "retire", "ending", "k1")).Done().Output.Should().Contain("ends already");
        (await world.RunAsync("key", "retire", "ending", "k1", "--at", "2099-01-01T00:00:00+08:00")).Done();
        End("ending", "k1").Should().Be(end);
    }

    [Fact]
    public async Task Retire_OfTheLastUsableKey_IsRefusedUnlessForced()
    {
        await world.CreateAppAsync("last");
        (await world.RunAsync("key", "add", "last", "--not-before", "2099-01-01T00:00:00Z")).Done();
        (await world.RunAsync("key", "add", "last", "--not-after", "2001-01-01T00:00:00Z")).Done();

        (await world.RunAsync("key", "retire", "last", "k1")).Refused("is the last usable key");
        End("last", "k1").Should().BeNull();

        (await world.RunAsync("key", "retire", "last", "k1", "--force")).Done();
        End("last", "k1").Should().NotBeNull();
    }

    [Fact]
    public async Task Retire_WhenTheOtherKeyEndsBeforeOrAtTheSameMoment_IsRefused()
    {
        await world.CreateAppAsync("gap");
        (await world.RunAsync("key", "add", "gap", "--not-after", "2098-01-01T00:00:00Z")).Done();

        (await world.RunAsync("key", "retire", "gap", "k1", "--at", "2098-01-01T00:00:00Z")).Refused("is the last usable key");
        (await world.RunAsync("key", "retire", "gap", "k1", "--at", "2097-01-01T00:00:00Z")).Done();
    }

    [Fact]
    public async Task List_SaysOfEachKeyWhetherItCounts()
    {
        await world.CreateAppAsync("listed");
        (await world.RunAsync("key", "add", "listed", "--key-id", "later", "--not-before", "2099-01-01T00:00:00Z")).Done();
        (await world.RunAsync("key", "add", "listed", "--key-id", "over", "--not-after", "2001-01-01T00:00:00Z")).Done();

        var lines = (await world.RunAsync("key", "list", "listed")).Done().Output.Split('\n');

        lines.Should().ContainSingle(l => l.StartsWith("listed/k1", StringComparison.Ordinal) && l.EndsWith(" usable", StringComparison.Ordinal));
        lines.Should().ContainSingle(l => l.StartsWith("listed/later", StringComparison.Ordinal) && l.Contains("future", StringComparison.Ordinal));
        lines.Should().ContainSingle(l => l.StartsWith("listed/over", StringComparison.Ordinal) && l.Contains("retired", StringComparison.Ordinal));
        (await world.RunAsync("key", "list")).Done().Output.Should().ContainAll("listed/k1", "demo-shop/first");
    }

    [Fact]
    public async Task Add_BySeveralAtOnce_LosesNoKey()
    {
        await world.CreateAppAsync("crowd");

        await Task.WhenAll(Enumerable.Range(0, 4).Select(async i => (await world.RunAsync("key", "add", "crowd", "--key-id", $"c{i}")).Done()));

        App("crowd").ParsedKeys.Keys.Should().BeEquivalentTo("k1", "c0", "c1", "c2", "c3");
    }

    [Fact]
    public async Task Add_OfAKeyIdThatIsThere_ChangesNothingAndLeavesNoFile()
    {
        await world.CreateAppAsync("twice");
        var before = File.ReadAllText(Path.Combine(world.Apps, "twice"));

        (await world.RunAsync("key", "add", "twice", "--key-id", "k1")).Refused("there is a key twice/k1 already");

        File.ReadAllText(Path.Combine(world.Apps, "twice")).Should().Be(before);
        File.Exists(world.File("twice.k1.pem")).Should().BeFalse();
    }

    [Theory]
    [InlineData(1, "There is no apps/nobody", "add", "nobody")]
    [InlineData(1, "has no key k9", "retire", "demo-shop", "k9")]
    [InlineData(1, "--not-after", "add", "demo-shop", "--not-before", "2099-01-01T00:00:00Z", "--not-after", "2098-01-01T00:00:00Z")]
    [InlineData(2, "is no time", "add", "demo-shop", "--not-before", "tomorrow")]
    [InlineData(2, "is no time", "retire", "demo-shop", "first", "--at", "2099-01-01")]
    [InlineData(2, "is no duration", "retire", "demo-shop", "first", "--in", "24")]
    [InlineData(2, "exclude each other", "retire", "demo-shop", "first", "--in", "24h", "--at", "now")]
    public async Task Command_WithAWrongArgument_NamesItAndChangesNothing(int code, string words, params string[] arguments)
    {
        var before = File.ReadAllText(Path.Combine(world.Apps, "demo-shop"));

        var run = await world.RunAsync(["key", .. arguments]);

        _ = code == 2 ? run.Misused(words) : run.Refused(words);
        File.ReadAllText(Path.Combine(world.Apps, "demo-shop")).Should().Be(before);
    }

    private DateTimeOffset? End(string appId, string keyId) => App(appId).ParsedKeys[keyId].NotAfter;

    private MerchantApp App(string appId) => MerchantApp.Parse(appId, File.ReadAllBytes(Path.Combine(world.Apps, appId)));
}
