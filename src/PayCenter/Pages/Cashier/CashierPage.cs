using PayCore.Contracts.V1;
using PayCore.PayCenter.Web;

namespace PayCore.PayCenter.Pages;

/// <summary>A page that users pay on, in the merchant's name.</summary>
internal abstract class CashierPage : CenterPage
{
    /// <summary>What the tab says.</summary>
    public abstract string Title { get; }

    /// <summary>The payee's name.</summary>
    public abstract string Payee { get; }

    /// <summary>How the merchant looks.</summary>
    public abstract CashierBrand Brand { get; }

    /// <summary>The page's script refines it.</summary>
    public virtual bool HasScript => false;

    /// <summary>Where a browser without scripts looks again after 5 s; null when nothing more can come.</summary>
    public virtual string? RefreshUrl => null;

    /// <summary>Where the browser is led at once; null when the user decides.</summary>
    public virtual string? ForwardUrl => null;

    /// <summary>The address that the support contact stands for; null when it is a number or a sentence.</summary>
    public string? SupportUrl => WebAddress.IsOne(Brand.Support) ? Brand.Support
        : Brand.Support.Contains('@', StringComparison.Ordinal) && !Brand.Support.Any(char.IsWhiteSpace) ? $"mailto:{Brand.Support}"
        : null;
}
