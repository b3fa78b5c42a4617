using System.Net;
using System.Text.RegularExpressions;

namespace PayCore.PayCenter.Tests;

/// <summary>What a browser without scripts does: gets pages, keeps cookies, sends the forms that a page has.</summary>
public sealed class Browser : IDisposable
{
    private readonly HttpClient _http;

    public Browser(Uri address, string acceptLanguage)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer(), UseProxy = false };
        _http = new HttpClient(handler) { BaseAddress = address };
        if (acceptLanguage.Length > 0)
        {
            _http.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Language", acceptLanguage);
        }
    }

    /// <summary>Gets a page.</summary>
    public async Task<Page> GetAsync(string path) => await Page.ReadAsync(await _http.GetAsync(path));

    /// <summary>Sends a request.</summary>
    public async Task<Page> SendAsync(HttpRequestMessage request) => await Page.ReadAsync(await _http.SendAsync(request));

    /// <summary>Sends a form with these fields.</summary>
    public async Task<Page> PostAsync(string path, IEnumerable<KeyValuePair<string, string>> fields) =>
        await Page.ReadAsync(await _http.PostAsync(path, new FormUrlEncodedContent(fields)));

    /// <summary>Presses the button of a form.</summary>
    public Task<Page> SubmitAsync(Form form) => PostAsync(form.Action, form.Fields);

    public void Dispose() => _http.Dispose();
}

/// <summary>An answer.</summary>
public sealed record Page(HttpStatusCode Status, string Body, HttpResponseMessage Response)
{
    /// <summary>Where a redirect leads.</summary>
    public string? Location => Response.Headers.Location?.ToString();

    /// <summary>What a reader sees: no tags, entities decoded.</summary>
    public string Text => WebUtility.HtmlDecode(Regex.Replace(Regex.Replace(Body, "<(script|style|head)[^>]*>.*?</\\1>", " ", RegexOptions.Singleline), "<[^>]+>", " "));

    /// <summary>The page's forms.</summary>
    public IReadOnlyList<Form> Forms => [.. Regex.Matches(Body, "<form[^>]*action=\"([^\"]*)\"[^>]*>(.*?)</form>", RegexOptions.Singleline).Select(form => new Form(
        WebUtility.HtmlDecode(form.Groups[1].Value),
        [.. Regex.Matches(form.Groups[2].Value, "<input[^>]*name=\"([^\"]*)\"[^>]*value=\"([^\"]*)\"[^>]*>")
            .Select(i => KeyValuePair.Create(WebUtility.HtmlDecode(i.Groups[1].Value), WebUtility.HtmlDecode(i.Groups[2].Value)))],
        form.Groups[2].Value))];

    /// <summary>The form whose address ends so.</summary>
    public Form FormTo(string end, string containing = "") => Forms.First(f => f.Action.EndsWith(end, StringComparison.Ordinal) && f.Html.Contains(containing, StringComparison.Ordinal));

    /// <summary>The addresses of its links.</summary>
    public IReadOnlyList<string> Links => [.. Regex.Matches(Body, "<a[^>]*href=\"([^\"]*)\"").Select(m => WebUtility.HtmlDecode(m.Groups[1].Value))];

    public string Header(string name) =>
        Response.Headers.TryGetValues(name, out var values) || Response.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : "";

    public static async Task<Page> ReadAsync(HttpResponseMessage response) => new(response.StatusCode, await response.Content.ReadAsStringAsync(), response);
}

/// <summary>A form as the page gives it.</summary>
public sealed record Form(string Action, IReadOnlyList<KeyValuePair<string, string>> Fields, string Html)
{
    public string this[string name] => Fields.First(f => f.Key == name).Value;

    /// <summary>The same form with a field that the user filled in or pressed.</summary>
    public Form With(string name, string value) => this with { Fields = [.. Fields.Where(f => f.Key != name), KeyValuePair.Create(name, value)] };
}
