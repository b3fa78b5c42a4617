using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using PayCore.Payments;
using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Records;

/// <summary>What a column has for a row: pages draw it, files write it.</summary>
public abstract record Cell
{
    /// <summary>As one field of a file, exact and without decoration.</summary>
    public abstract string Plain(Preferences preferences);
}

/// <summary>Words, those of merchants and providers too.</summary>
/// <param name="Text">The words.</param>
/// <param name="Small">More words below them.</param>
/// <param name="Ours">Words of ours below them, in both languages; null: none.</param>
public sealed record WordsCell(string Text, string Small = "", Text? Ours = null) : Cell
{
    /// <inheritdoc/>
    public override string Plain(Preferences preferences) => Text;
}

/// <summary>Words of ours, in both languages.</summary>
public sealed record TextCell(Text Text) : Cell
{
    /// <inheritdoc/>
    public override string Plain(Preferences preferences) => preferences[Text];
}

/// <summary>A number that people search for.</summary>
/// <param name="Value">The number.</param>
/// <param name="Href">The page of what it names; empty: none.</param>
/// <param name="Small">Another number of the same, below it.</param>
public sealed record NumberCell(string Value, string Href = "", string Small = "") : Cell
{
    /// <inheritdoc/>
    public override string Plain(Preferences preferences) => Value;
}

/// <summary>What something is, in words of ours, and the way to it.</summary>
/// <param name="Text">The words.</param>
/// <param name="Word">The contract's word, for files.</param>
/// <param name="Href">The page of it.</param>
/// <param name="Small">Its number, below the words.</param>
public sealed record TitleCell(Text Text, string Word, string Href, string Small) : Cell
{
    /// <inheritdoc/>
    public override string Plain(Preferences preferences) => Word;
}

/// <summary>An amount.</summary>
public sealed record MoneyCell(long Minor, string Currency) : Cell
{
    /// <inheritdoc/>
    public override string Plain(Preferences preferences) => Currency.Length == 0 ? "" : Amounts.Format(Minor, Currency);
}

/// <summary>A state.</summary>
/// <param name="State">The contract's word.</param>
/// <param name="Mark">What else to know of it; null: nothing.</param>
public sealed record StateCell(string State, Text? Mark = null) : Cell
{
    /// <inheritdoc/>
    public override string Plain(Preferences preferences) => State;
}

/// <summary>A moment.</summary>
public sealed record WhenCell(Timestamp? At) : Cell
{
    /// <inheritdoc/>
    public override string Plain(Preferences preferences) =>
        At is null ? "" : TimeZoneInfo.ConvertTime(At.ToDateTimeOffset(), preferences.TimeZone).ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);
}

/// <summary>How many.</summary>
public sealed record CountCell(long Count) : Cell
{
    /// <inheritdoc/>
    public override string Plain(Preferences preferences) => Count.ToString(CultureInfo.InvariantCulture);
}
