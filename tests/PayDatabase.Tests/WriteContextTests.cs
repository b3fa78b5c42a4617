namespace PayCore.PayDatabase.Tests;

/// <summary>Statements that go together still count one by one: one that finds no row, or a second one with the same key, undoes those before it.</summary>
public sealed class WriteContextTests
{
    private const string Insert = "INSERT INTO lease (name, holder, lease_at) VALUES (@name, 'me', 5)";
    private const string Move = "UPDATE lease SET holder = 'you' WHERE name = @name AND holder = @holder";

    public static TheoryData<string> Providers => ["sqlite", "mysql"];

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task WriteOne_ThatFindsNoRow_UndoesTheStatementsBesideIt(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);

        var write = () => db.Writes.WriteAsync(async write =>
        {
            await write.WriteOneAsync(Insert, new { name = "a" });
            await write.WriteOneAsync(Move, new { name = "a" }, new { holder = "somebody" });
            return 0;
        });

        (await write.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*must change*");
        (await CountAsync(db)).Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task WriteOne_OfAKeyThatIsThere_UndoesTheStatementsBesideIt(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);

        var write = () => db.Writes.WriteAsync(async write =>
        {
            await write.WriteOneAsync(Insert, new { name = "a" });
            await write.WriteOneAsync(Insert, new { name = "a" });
            return 0;
        });

        await write.Should().ThrowAsync<DuplicateKeyException>();
        (await CountAsync(db)).Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Read_AfterStatementsOfTheSameTransaction_SeesAllOfThem(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);

        // More than go together at once.
        var seen = await db.Writes.WriteAsync(async write =>
        {
            for (var i = 0; i < 150; i++)
            {
                await write.WriteOneAsync(Insert, new { name = $"a{i}" });
            }

            return await write.FirstAsync<long>("SELECT COUNT(*) FROM lease WHERE holder = 'me'");
        });

        seen.Should().Be(150);
        (await CountAsync(db)).Should().Be(150);
    }

    private static Task<long> CountAsync(DatabaseFixture db) => db.ScalarAsync<long>("SELECT COUNT(*) FROM lease WHERE holder IN ('me', 'you')");
}
