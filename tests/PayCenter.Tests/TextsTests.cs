using System.Reflection;
using System.Text.RegularExpressions;
using PayCore.PayCenter.Cashier;
using PayCore.PayCenter.Shop;
using PayCore.PayCenter.Web;

namespace PayCore.PayCenter.Tests;

public sealed class TextsTests
{
    public static TheoryData<string, string, string> All()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var type in new[] { typeof(CommonTexts), typeof(Wallets), typeof(CashierTexts), typeof(ShopTexts) })
        {
            foreach (var field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic).Where(f => f.FieldType == typeof(Text)))
            {
                var text = (Text)field.GetValue(null)!;
                data.Add($"{type.Name}.{field.Name}", text.English, text.Chinese);
            }
        }

        foreach (var goods in Goods.All)
        {
            data.Add($"{goods.Id} name", goods.Name.English, goods.Name.Chinese);
            data.Add($"{goods.Id} about", goods.About.English, goods.About.Chinese);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Text_BothLanguages_SayItWithTheSameBlanks(string name, string english, string chinese)
    {
        // The link to the other language is written in the other language.
        var (en, zh) = name == "CommonTexts.OtherLanguage" ? (chinese, english) : (english, chinese);
        en.Should().MatchRegex("[A-Za-z]", name).And.NotMatchRegex("[\\u4e00-\\u9fff]", name);
        zh.Should().MatchRegex("[\\u4e00-\\u9fff]", name);
        Blanks(en).Should().Equal(Blanks(zh), name);
    }

    [Fact]
    public void Texts_Found_AreMany() => All().Count.Should().BeGreaterThan(60);

    private static IEnumerable<string> Blanks(string text) => Regex.Matches(text, "\\{\\d\\}").Select(m => m.Value).Order();
}
