namespace PayCore.PayCenter.Web;

/// <summary>What shop and cashier both say.</summary>
internal static class CommonTexts
{
    public static readonly Text OtherLanguage = new("中文", "English");
    public static readonly Text StaleTitle = new("This page was open for too long", "页面已过期");
    public static readonly Text StaleHow = new(
        "Nothing was done. Open the page again and press the button once more.",
        "未进行任何操作，请重新打开页面后再试一次。");
    public static readonly Text OpenAgain = new("Open the page again", "重新打开页面");
}
