using System.Text.RegularExpressions;

namespace PayCore.Configuration;

/// <summary>A store with a static code, at which the buyer types the amount.</summary>
public sealed partial record StoreDocument
{
    private const int NameLengthMax = 64;
    private const int SubjectLengthMax = 127;

    /// <summary>The store's name, shown to buyers; 1 to 64 characters.</summary>
    public required string Name { get; init; }

    /// <summary>What its orders say that is bought; 1 to 127 characters, none beyond the Basic Multilingual Plane.</summary>
    public required string Subject { get; init; }

    /// <summary>Checks it.</summary>
    /// <exception cref="InvalidDocumentException">Names the field and the reason.</exception>
    internal void Check(string id)
    {
        if (!IdRule().IsMatch(id))
        {
            throw new InvalidDocumentException($"stores.{id}", "is named with 1 to 24 of a-z, 0-9 and -");
        }

        if (!IsText(Name, NameLengthMax))
        {
            throw new InvalidDocumentException($"stores.{id}.name", $"has 1 to {NameLengthMax} characters and no control characters");
        }

        if (!IsText(Subject, SubjectLengthMax) || Subject.Any(char.IsSurrogate))
        {
            throw new InvalidDocumentException(
                $"stores.{id}.subject", $"has 1 to {SubjectLengthMax} characters, no control characters and none beyond the Basic Multilingual Plane");
        }
    }

    private static bool IsText(string text, int lengthMax) => text.Length <= lengthMax && !string.IsNullOrWhiteSpace(text) && !text.Any(char.IsControl);

    [GeneratedRegex("^[a-z0-9-]{1,24}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdRule();
}
