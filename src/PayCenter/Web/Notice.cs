using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.ViewFeatures;

namespace PayCore.PayCenter.Web;

/// <summary>A page that says one thing and one way on.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">What it says, short.</param>
/// <param name="Body">What to do now.</param>
internal sealed record Notice(int Status, Text Title, Text Body)
{
    /// <summary>Where to go next; null when there is nowhere.</summary>
    public string? Link { get; init; }

    /// <summary>The link's text.</summary>
    public Text LinkText { get; init; } = CommonTexts.OpenAgain;

    /// <summary>The page asks again by itself after these seconds; 0 means never.</summary>
    public int RetrySeconds { get; init; }

    /// <summary>The page's language.</summary>
    public Language Language { get; private init; }

    /// <summary>The answer that shows it.</summary>
    public IActionResult In(Language language) => new ViewResult
    {
        ViewName = "/Pages/Notice.cshtml",
        StatusCode = Status,
        ViewData = new ViewDataDictionary<Notice>(new EmptyModelMetadataProvider(), new ModelStateDictionary())
        {
            Model = this with { Language = language },
        },
    };
}
