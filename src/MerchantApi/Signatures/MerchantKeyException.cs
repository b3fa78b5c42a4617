namespace PayCore.MerchantApi;

/// <summary>A key that must not be used: unreadable, of the wrong kind, or too weak. The message never holds key material.</summary>
public sealed class MerchantKeyException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong with the key, in words for the person who configured it.</param>
    public MerchantKeyException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception without a message.</summary>
    public MerchantKeyException()
        : base("The key cannot be used.")
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    /// <param name="message">What is wrong with the key.</param>
    /// <param name="innerException">The cause.</param>
    public MerchantKeyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
