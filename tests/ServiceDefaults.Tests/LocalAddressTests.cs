namespace PayCore.ServiceDefaults.Tests;

public sealed class LocalAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8080/callback")]
    [InlineData("http://localhost/")]
    [InlineData("http://paycore:8080/")]
    [InlineData("https://pay.internal/")]
    [InlineData("https://10.1.2.3/")]
    [InlineData("https://172.31.0.1/")]
    [InlineData("https://192.168.1.1/")]
    [InlineData("https://169.254.169.254/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[fd00::1]/")]
    [InlineData("https://[::ffff:10.0.0.1]/")]
    public void Address_OfThisMachineOrNetwork_IsLocal(string address) => LocalAddress.Is(new Uri(address)).Should().BeTrue();

    [Theory]
    [InlineData("https://pay.example.com/callback")]
    [InlineData("https://172.32.0.1/")]
    [InlineData("https://8.8.8.8/")]
    [InlineData("https://[2606:4700::1111]/")]
    public void Address_OfTheInternet_IsNot(string address) => LocalAddress.Is(new Uri(address)).Should().BeFalse();
}
