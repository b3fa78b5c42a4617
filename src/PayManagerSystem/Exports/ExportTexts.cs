using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Exports;

/// <summary>What exports say.</summary>
internal static class ExportTexts
{
    public static readonly Text About = new("Lists on their way into files. Files are kept for a day, and only you get yours.", "列表导出文件，保留一天，仅本人可下载。");
    public static readonly Text How = new("The list with these filters is written into a file, with all columns. A file has at most {0} rows.", "按当前筛选条件导出全部列，每个文件最多 {0} 行。");
    public static readonly Text Enough = new("Three of your exports are under way. Wait until one is done.", "您已有三个导出任务正在进行，请稍候。");
    public static readonly Text None = new("You have exported nothing yet. Open a list and press Export CSV.", "暂无导出。请在列表页点击“导出 CSV”。");
    public static readonly Text List = new("List", "列表");
    public static readonly Text Filters = new("Filters", "筛选条件");
    public static readonly Text NoFilters = new("none", "无");
    public static readonly Text Rows = new("Rows", "行数");
    public static readonly Text Asked = new("Asked for", "申请时间");
    public static readonly Text Download = new("Download", "下载");
    public static readonly Text Waiting = new("Waits", "排队中");
    public static readonly Text Writing = new("Writing", "导出中");
    public static readonly Text Done = new("Done", "已完成");
    public static readonly Text Cut = new("Done, cut at the limit", "已完成（达到行数上限）");
    public static readonly Text Failed = new("Failed", "失败");

    /// <summary>How far an export is.</summary>
    public static Text Of(ExportJob job) => job.State switch
    {
        ExportState.Waiting => Waiting,
        ExportState.Writing => Writing,
        ExportState.Done => job.IsCut ? Cut : Done,
        _ => Failed,
    };
}
