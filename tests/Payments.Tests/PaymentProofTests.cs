using PayCore.Contracts.V1;

namespace PayCore.Payments.Tests;

public sealed class PaymentProofTests
{
    private static readonly ProofField[] _all =
        [ProofField.ProofAttemptNo, ProofField.ProofAccount, ProofField.ProofAmount, ProofField.ProofCurrency];

    private static readonly Dictionary<string, string> _account = new() { ["mch_id"] = "1900000001", ["app_id"] = "wx1" };

    [Fact]
    public void Facts_AllEqual_ProveThePayment() =>
        PaymentProof.FirstDifference(Attempt(), Facts(), _all, _account).Should().BeNull();

    [Theory]
    [InlineData("attempt_no")]
    [InlineData("mch_id")]
    [InlineData("app_id")]
    [InlineData("amount_minor")]
    [InlineData("currency")]
    public void Facts_OneFieldDifferent_ProveNothing(string name)
    {
        var facts = Facts();
        switch (name)
        {
            case "attempt_no": facts.AttemptNo = "A2"; break;
            case "amount_minor": facts.AmountMinor++; break;
            case "currency": facts.Currency = "USD"; break;
            default: facts.AccountIds[name] = "other"; break;
        }

        PaymentProof.FirstDifference(Attempt(), facts, _all, _account).Should().StartWith(name);
    }

    [Theory]
    [InlineData("attempt_no")]
    [InlineData("mch_id")]
    [InlineData("app_id")]
    [InlineData("amount_minor")]
    [InlineData("currency")]
    public void Facts_OneDeclaredFieldMissing_ProveNothing(string name)
    {
        var facts = Facts();
        switch (name)
        {
            case "attempt_no": facts.ClearAttemptNo(); break;
            case "amount_minor": facts.ClearAmountMinor(); break;
            case "currency": facts.ClearCurrency(); break;
            default: facts.AccountIds.Remove(name); break;
        }

        PaymentProof.FirstDifference(Attempt(), facts, _all, _account).Should().StartWith(name);
    }

    [Fact]
    public void Facts_FieldsThatAreNotDeclared_AreNotAskedFor()
    {
        var facts = Facts();
        facts.ClearCurrency();
        facts.AccountIds.Clear();

        PaymentProof.FirstDifference(Attempt(), facts, [ProofField.ProofAttemptNo, ProofField.ProofAmount], _account).Should().BeNull();
    }

    [Fact]
    public void Channel_ThatDeclaresNothing_ProvesNothing() =>
        PaymentProof.FirstDifference(Attempt(), Facts(), [], _account).Should().NotBeNull();

    [Fact]
    public void Account_WithoutIdentities_ProvesNothing() =>
        PaymentProof.FirstDifference(Attempt(), Facts(), _all, new Dictionary<string, string>()).Should().NotBeNull();

    private static StoredAttempt Attempt() => new()
    {
        Attempt = new Attempt { AttemptNo = "A1", AmountMinor = 100, Currency = "CNY" },
    };

    private static PaymentFacts Facts() => new()
    {
        AttemptNo = "A1",
        AmountMinor = 100,
        Currency = "CNY",
        AccountIds = { ["mch_id"] = "1900000001", ["app_id"] = "wx1" },
    };
}
