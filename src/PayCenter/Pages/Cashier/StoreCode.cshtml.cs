using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using PayCore.PayCenter.Cashier;
using PayCore.PayCenter.Web;
using PayCore.Payments;
using PayCore.ServiceDefaults;

namespace PayCore.PayCenter.Pages;

/// <summary>What a store's static code leads to: the buyer types the amount, and the cashier takes over.</summary>
internal sealed class StoreCodeModel(StoreOrders stores, CashierLimits limits, RandomSource random, IOptions<PayCenterOptions> options) : CashierPage
{
    private const int FormNoLength = 26;

    /// <summary>The store.</summary>
    public Store Store { get; private set; } = null!;

    /// <summary>The number of the form: whatever it orders, it orders once.</summary>
    public string FormNo { get; private set; } = "";

    /// <summary>What the buyer typed.</summary>
    public string Typed { get; private set; } = "";

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public string? Fault { get; private set; }

    /// <inheritdoc/>
    public override string Title => Say(CashierTexts.StoreTitle, Payee);

    /// <inheritdoc/>
    public override string Payee => Store.MerchantName;

    /// <inheritdoc/>
    public override CashierBrand Brand => Store.Brand;

    /// <summary>The form leads to the cashier, which browsers may reach under its public address.</summary>
    public override string ContentSecurityPolicy => SecurityHeaders.PolicyWithFormsTo(options.Value.PublicBaseUrl);

    /// <summary>Shows the form.</summary>
    public async Task<IActionResult> OnGetAsync(string appId, string storeId)
    {
        FormNo = FormNumber.New(random, FormNoLength);
        return await FindAsync(appId, storeId) ?? Page();
    }

    /// <summary>Makes the order, once for each form, and leads to its cashier.</summary>
    public async Task<IActionResult> OnPostAsync(
        string appId, string storeId, [FromForm(Name = "form_no")] string? formNo, [FromForm(Name = "amount")] string? amount)
    {
        (FormNo, Typed) = (formNo ?? "", amount ?? "");
        if (await FindAsync(appId, storeId) is { } notice)
        {
            return notice;
        }

        if (!Amounts.TryParse(Typed, Store.Currency, out var amountMinor))
        {
            return Refuse(StatusCodes.Status400BadRequest, Say(CashierTexts.StoreAmountWrong));
        }

        if (amountMinor > Store.AmountMinorMax)
        {
            return Refuse(StatusCodes.Status400BadRequest, Say(CashierTexts.StoreAmountTooLarge, Amounts.Format(Store.AmountMinorMax, Store.Currency)));
        }

        if (!limits.StoreOrders.TryTake(HttpContext.Connection.RemoteIpAddress?.ToString() ?? ""))
        {
            return Refuse(StatusCodes.Status429TooManyRequests, Say(CashierTexts.StoreTooMany));
        }

        var (result, cashierUrl) = await stores.CreateAsync(appId, storeId, FormNo, amountMinor);
        return result switch
        {
            StoreResult.Created => new SeeOther(cashierUrl),
            StoreResult.Used => Refuse(StatusCodes.Status409Conflict, Say(CashierTexts.StoreUsed)),
            StoreResult.NotPossible => UnknownPage(),
            _ => Refuse(StatusCodes.Status503ServiceUnavailable, Say(CashierTexts.StoreAway)),
        };
    }

    /// <summary>Finds the store; the page to show instead when there is none.</summary>
    private async Task<IActionResult?> FindAsync(string appId, string storeId)
    {
        var (look, store) = await stores.LookAsync(appId, storeId, HttpContext.RequestAborted);
        if (store is not null)
        {
            Store = store;
            return null;
        }

        return look == Look.Unknown ? UnknownPage() : new Notice(StatusCodes.Status503ServiceUnavailable, CashierTexts.StoreAwayTitle, CashierTexts.StoreAway)
        {
            RetrySeconds = 5,
        }.In(Language);
    }

    private PageResult Refuse(int status, string fault)
    {
        Fault = fault;
        var page = Page();
        page.StatusCode = status;
        return page;
    }

    private IActionResult UnknownPage() =>
        new Notice(StatusCodes.Status404NotFound, CashierTexts.StoreUnknownTitle, CashierTexts.StoreUnknownHow).In(Language);
}
