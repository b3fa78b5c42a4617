namespace PayCore.PayManagerSystem.Web;

/// <summary>What every page says.</summary>
internal static class ConsoleTexts
{
    public static readonly Text Product = new("PayCore", "PayCore");
    public static readonly Text Console = new("Console", "控制台");
    public static readonly Text OtherLanguage = new("中文", "English");
    public static readonly Text Search = new("Search any number", "搜索任意单号");
    public static readonly Text Menu = new("Menu", "菜单");
    public static readonly Text Skip = new("Skip to content", "跳到正文");
    public static readonly Text Dark = new("Dark", "深色");
    public static readonly Text Light = new("Light", "浅色");
    public static readonly Text NotFound = new("There is no such page", "页面不存在");
    public static readonly Text NotFoundHow = new("The address may be incomplete, or the page has moved.", "地址可能不完整，或页面已移动。");
    public static readonly Text Forbidden = new("You may not open this page", "无权访问此页面");
    public static readonly Text ForbiddenHow = new("It demands the permission {0}. An admin can give it to one of your roles.", "此页面需要权限 {0}，管理员可将其授予您的角色。");
    public static readonly Text ToHome = new("Go home", "返回首页");
}
