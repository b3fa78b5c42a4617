using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Core.Infrastructure;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace PayCore.PayCenter.Web;

/// <summary>A page of PayCenter: it speaks the visitor's language and is sent with strict headers whatever happens.</summary>
[CenterPageFilter]
internal abstract class CenterPage : PageModel
{
    /// <summary>The visitor's language.</summary>
    public Language Language => Languages.Of(Request);

    /// <summary>The language that the page is not in.</summary>
    public Language OtherLanguage => Language == Language.Chinese ? Language.English : Language.Chinese;

    /// <summary>What a browser may do with this page.</summary>
    public virtual string ContentSecurityPolicy => SecurityHeaders.StrictPolicy;

    /// <summary>Says a text in the visitor's language.</summary>
    public string Say(Text text, params ReadOnlySpan<object?> arguments) => text.In(Language, arguments);
}

/// <summary>Sets the headers, keeps the chosen language, and makes a refused form a page that a person understands.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class CenterPageFilterAttribute : Attribute, IAlwaysRunResultFilter
{
    public void OnResultExecuting(ResultExecutingContext context)
    {
        var request = context.HttpContext.Request;
        var response = context.HttpContext.Response;
        SecurityHeaders.Set(response, (context.Controller as CenterPage)?.ContentSecurityPolicy ?? SecurityHeaders.StrictPolicy);
        Languages.Remember(request, response);
        if (context.Result is IAntiforgeryValidationFailedResult)
        {
            var values = context.RouteData.Values;
            var page = values["pageToken"] is string token ? $"/pay/{Uri.EscapeDataString(token)}"
                : values["storeId"] is not null ? request.Path.ToUriComponent()
                : "/shop";
            context.Result = new Notice(StatusCodes.Status400BadRequest, CommonTexts.StaleTitle, CommonTexts.StaleHow) { Link = page }
                .In(Languages.Of(request));
        }
    }

    public void OnResultExecuted(ResultExecutedContext context)
    {
    }
}
