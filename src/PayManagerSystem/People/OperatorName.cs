using System.Text.RegularExpressions;
using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.People;

/// <summary>The rule of names, as the records have it.</summary>
internal static partial class OperatorName
{
    private const int DisplayNameMax = 64;

    /// <summary>What is wrong with a name or the name that is shown, or null.</summary>
    public static Text? Problem(string name, string displayName) =>
        !Rule().IsMatch(name) ? PeopleTexts.NameWrong : displayName.Length is 0 or > DisplayNameMax ? PeopleTexts.DisplayNameWrong : null;

    [GeneratedRegex(@"^[a-z0-9][a-z0-9._@-]{1,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Rule();
}
