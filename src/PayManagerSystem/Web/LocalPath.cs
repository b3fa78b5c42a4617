using Microsoft.AspNetCore.WebUtilities;

namespace PayCore.PayManagerSystem.Web;

/// <summary>Where to go after the log-in. Only to pages of ours: a link to the log-in leads nobody elsewhere.</summary>
internal static class LocalPath
{
    /// <summary>The path, or Home when it is none of ours.</summary>
    public static string Of(string? back) =>
        back is ['/', not ('/' or '\\'), ..] && !back.Any(char.IsControl) ? back : "/";

    /// <summary>A page that goes there in the end.</summary>
    public static string With(string page, string? back) => back is null ? page : QueryHelpers.AddQueryString(page, "back", Of(back));
}
