using MudBlazor;

namespace PayCore.PayManagerSystem.Components.Layout;

/// <summary>Our colours and type, in place of MudBlazor's.</summary>
internal static class ConsoleTheme
{
    private static readonly string[] _font =
        ["system-ui", "-apple-system", "Segoe UI", "Roboto", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Noto Sans", "sans-serif"];

    /// <summary>The theme.</summary>
    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#0b6e4f",
            Secondary = "#3d5a80",
            Tertiary = "#8a5a00",
            Info = "#1f5fae",
            Success = "#0b6e4f",
            Warning = "#8a5a00",
            Error = "#b3261e",
            Background = "#f5f7f6",
            BackgroundGray = "#eef1f0",
            Surface = "#ffffff",
            AppbarBackground = "#ffffff",
            AppbarText = "#17211d",
            DrawerBackground = "#f5f7f6",
            DrawerText = "#2c3833",
            DrawerIcon = "#56635d",
            TextPrimary = "#17211d",
            TextSecondary = "#56635d",
            TextDisabled = "#6d7973",
            ActionDefault = "#56635d",
            LinesDefault = "#dfe5e2",
            LinesInputs = "#87938d",
            TableLines = "#e6ebe8",
            Divider = "#e6ebe8",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#5fcfa6",
            PrimaryContrastText = "#06281c",
            Secondary = "#9db8dc",
            Tertiary = "#e9bd6b",
            Info = "#8ab8f5",
            Success = "#5fcfa6",
            Warning = "#e9bd6b",
            Error = "#ff9d8c",
            ErrorContrastText = "#3d0f08",
            Background = "#101513",
            BackgroundGray = "#161c1a",
            Surface = "#1a211e",
            AppbarBackground = "#141a17",
            AppbarText = "#eef3f0",
            DrawerBackground = "#101513",
            DrawerText = "#d5ded9",
            DrawerIcon = "#a6b3ad",
            TextPrimary = "#eef3f0",
            TextSecondary = "#a6b3ad",
            TextDisabled = "#8d9a94",
            ActionDefault = "#a6b3ad",
            LinesDefault = "#323c37",
            LinesInputs = "#6d7973",
            TableLines = "#2a332f",
            Divider = "#2a332f",
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px", AppbarHeight = "56px" },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = _font, FontSize = ".9375rem", LineHeight = "1.55", LetterSpacing = "normal" },
            Button = new ButtonTypography { FontFamily = _font, FontWeight = "600", TextTransform = "none", LetterSpacing = "normal" },
        },
    };
}
