using System.Net.Http.Json;
using PayCore.ChannelSimulator;

namespace PayCore.Host.Demonstration;

/// <summary>The simulated providers' consoles, where a merchant enters its keys and gets theirs.</summary>
internal interface IDemoProviders
{
    /// <summary>Registers a merchant, or renews what is known of it.</summary>
    Task<RegisteredWechatMerchant> RegisterAsync(WechatMerchantRegistration registration);

    /// <summary>Registers an application, or renews what is known of it.</summary>
    Task<RegisteredAlipayMerchant> RegisterAsync(AlipayMerchantRegistration registration);
}

/// <summary>The simulator runs in this process.</summary>
internal sealed class ProvidersHere(WechatMerchants wechat, AlipayMerchants alipay) : IDemoProviders
{
    public Task<RegisteredWechatMerchant> RegisterAsync(WechatMerchantRegistration registration) => Task.FromResult(wechat.Register(registration));

    public Task<RegisteredAlipayMerchant> RegisterAsync(AlipayMerchantRegistration registration) => Task.FromResult(alipay.Register(registration));
}

/// <summary>The simulator runs in a process of its own.</summary>
internal sealed class ProvidersElsewhere(HttpClient control) : IDemoProviders
{
    public Task<RegisteredWechatMerchant> RegisterAsync(WechatMerchantRegistration registration) =>
        TellAsync<WechatMerchantRegistration, RegisteredWechatMerchant>("/control/wechat/merchants", registration);

    public Task<RegisteredAlipayMerchant> RegisterAsync(AlipayMerchantRegistration registration) =>
        TellAsync<AlipayMerchantRegistration, RegisteredAlipayMerchant>("/control/alipay/merchants", registration);

    private async Task<TAnswer> TellAsync<TWords, TAnswer>(string path, TWords words)
    {
        using var answer = await control.PostAsJsonAsync(path, words, DemoJson.Options);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<TAnswer>(DemoJson.Options))!;
    }
}
