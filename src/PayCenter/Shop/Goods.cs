using PayCore.PayCenter.Web;

namespace PayCore.PayCenter.Shop;

/// <summary>Something to buy.</summary>
/// <param name="Id">Names it in forms and order numbers.</param>
/// <param name="Name">What it is.</param>
/// <param name="About">A line about it.</param>
/// <param name="AmountMinor">Its price in minor units of CNY.</param>
internal sealed record Goods(string Id, Text Name, Text About, long AmountMinor)
{
    /// <summary>The currency of all prices.</summary>
    public const string Currency = "CNY";

    /// <summary>Everything on the shelf.</summary>
    public static IReadOnlyList<Goods> All { get; } =
    [
        new("tea", new("Longjing tea, 50 g", "龙井茶 50 克"), new("First picking, from the hills above the lake.", "明前头采，来自湖畔山间。"), 3800),
        new("cup", new("Celadon cup", "青瓷茶杯"), new("Thin rim, holds 120 ml.", "薄胎，容量 120 毫升。"), 6800),
        new("book", new("Stitched notebook", "线装笔记本"), new("Eighty pages of rice paper.", "宣纸八十页。"), 2550),
        new("card", new("Postcard", "明信片"), new("One cent: for trying out a payment.", "一分钱，用来试一次付款。"), 1),
    ];

    /// <summary>The one of this id; null when there is none.</summary>
    public static Goods? Find(string? id) => All.FirstOrDefault(g => g.Id == id);
}
