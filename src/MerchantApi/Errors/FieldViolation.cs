namespace PayCore.MerchantApi;

/// <summary>One thing wrong with one field of a request.</summary>
/// <param name="Field">The path of the field, as <c>parent.child[3].name</c>; empty for the whole body.</param>
/// <param name="Reason">One of the constants of <see cref="ErrorReason"/>.</param>
/// <param name="Message">What to change, for the merchant's developer.</param>
public sealed record FieldViolation(string Field, string Reason, string Message);
