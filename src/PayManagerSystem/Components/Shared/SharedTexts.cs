using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Components.Shared;

/// <summary>What the shared parts of pages say.</summary>
internal static class SharedTexts
{
    public static readonly Text Copy = new("Copy {0}", "复制 {0}");
    public static readonly Text CopyShort = new("Copy", "复制");
    public static readonly Text Reason = new("Reason", "原因");
    public static readonly Text Cancel = new("Cancel", "取消");
    public static readonly Text Close = new("Close", "关闭");
    public static readonly Text Save = new("Save", "保存");
    public static readonly Text Pages = new("Pages", "分页");
    public static readonly Text First = new("First page", "第一页");
    public static readonly Text ToFirst = new("To the first page", "回到第一页");
    public static readonly Text Previous = new("Previous page", "上一页");
    public static readonly Text Next = new("Next page", "下一页");
    public static readonly Text Last = new("No more", "没有更多");
    public static readonly Text JustNow = new("just now", "刚刚");
    public static readonly Text MinutesAgo = new("{0} min ago", "{0} 分钟前");
    public static readonly Text HoursAgo = new("{0} h ago", "{0} 小时前");
    public static readonly Text DaysAgo = new("{0} d ago", "{0} 天前");
    public static readonly Text InMinutes = new("in {0} min", "{0} 分钟后");
    public static readonly Text InHours = new("in {0} h", "{0} 小时后");
    public static readonly Text InDays = new("in {0} d", "{0} 天后");
}
