using System.Diagnostics;
using System.Security.Cryptography;
using NSec.Cryptography;

namespace PayCore.Bench;

/// <summary>
/// What the signatures cost that no program can leave out: the merchant's request is verified (Ed25519), the provider's request is signed and its answer verified
/// (RSA-2048, wechat-pay-v3.md sections 1 and 2), a callback is verified. Milliseconds of one core, by the same libraries, on the same machine.
/// </summary>
internal sealed record Signatures(double OrderMs, double CallbackMs)
{
    private const int Rounds = 300;
    private static readonly byte[] _text = RandomNumberGenerator.GetBytes(400);

    public static Signatures Measure()
    {
        using var merchant = Key.Create(SignatureAlgorithm.Ed25519);
        using var rsa = RSA.Create(2048);
        var request = SignatureAlgorithm.Ed25519.Sign(merchant, _text);
        var answer = Sign(rsa);
        var verify = MsEach(() => Verify(rsa, answer));
        var order = MsEach(() => SignatureAlgorithm.Ed25519.Verify(merchant.PublicKey, _text, request)) + MsEach(() => Sign(rsa).Length > 0) + verify;
        return new Signatures(order, verify);
    }

    private static byte[] Sign(RSA rsa) => rsa.SignData(_text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    private static bool Verify(RSA rsa, byte[] signature) => rsa.VerifyData(_text, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    // The quickest of some, so that a machine that is disturbed does not make the signatures look dearer than they are.
    private static double MsEach(Func<bool> once) => Enumerable.Range(0, 5).Min(_ =>
    {
        var began = Stopwatch.GetTimestamp();
        for (var round = 0; round < Rounds; round++)
        {
            if (!once())
            {
                throw new InvalidOperationException("A signature is not good.");
            }
        }

        return Stopwatch.GetElapsedTime(began).TotalMilliseconds / Rounds;
    });
}
