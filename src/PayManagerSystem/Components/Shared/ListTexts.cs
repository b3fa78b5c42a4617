using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Components.Shared;

/// <summary>What lists say.</summary>
internal static class ListTexts
{
    public static readonly Text Views = new("Views", "视图");
    public static readonly Text Filters = new("Filters", "筛选");
    public static readonly Text More = new("More filters", "更多筛选");
    public static readonly Text Apply = new("Show", "查询");
    public static readonly Text Clear = new("Clear all", "清除筛选");
    public static readonly Text Without = new("Remove {0}", "移除 {0}");
    public static readonly Text Columns = new("Columns", "列");
    public static readonly Text Saved = new("Saved views", "已存视图");
    public static readonly Text ViewName = new("Name of this view", "视图名称");
    public static readonly Text Forget = new("Forget {0}", "删除 {0}");
    public static readonly Text Any = new("Any", "不限");
    public static readonly Text None = new("There is nothing here yet.", "暂无数据。");
    public static readonly Text NoneMatch = new("Nothing matches these filters.", "没有符合条件的记录。");
    public static readonly Text Stopped = new("Many records were looked through so far.", "已检索大量记录，尚未找到。");
    public static readonly Text GoOn = new("Look further back", "继续向前检索");
}
